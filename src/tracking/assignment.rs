//! Which row takes which column: the cheapest partial assignment on a sparse graph.
//!
//! Shortest augmenting paths with potentials (Jonker and Volgenant, "A shortest augmenting path algorithm for dense and
//! sparse linear assignment problems", Computing 38, 1987), where every row may also stay single at cost 0. Only edges
//! are ever followed, so a search never leaves the connected component it starts in: people who cannot be mistaken for
//! each other cost nothing, and the work grows with the crowd's local density instead of with its size cubed.

/// A permitted pair. Only pairs with `cost` < 0, better than staying single, are worth listing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edge {
    /// Row (a track's place).
    pub(crate) row: u32,
    /// Column (a detection's place).
    pub(crate) col: u32,
    /// Cost of pairing them, negative.
    pub(crate) cost: f64,
}

/// "None" in the index arrays below.
const NONE: u32 = u32::MAX;

/// Solver with its working memory, which is kept from call to call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Assignment {
    /// First edge of each row, and one past the last.
    first: Vec<u32>,
    row_potential: Vec<f64>,
    col_potential: Vec<f64>,
    row_mate: Vec<u32>,
    col_mate: Vec<u32>,
    /// Of the search in progress: tentative distance, the row a column was reached from, whether it is final.
    distance: Vec<f64>,
    reached_from: Vec<u32>,
    settled: Vec<bool>,
    /// Columns touched by the search in progress.
    touched: Vec<u32>,
    /// Rows in the tree of the search in progress with their distance.
    tree: Vec<(u32, f64)>,
}

impl Assignment {
    /// Solves for `rows` x `cols`; `edges` must be sorted by row. Afterwards [`Self::mate_of_row`] has the answer.
    ///
    /// Among equally cheap answers the row with the lower number keeps its column.
    pub(crate) fn solve(&mut self, rows: usize, cols: usize, edges: &[Edge]) {
        self.reset(rows, cols, edges);
        for row in 0..rows {
            self.row_potential[row] = self
                .edges_of(row, edges)
                .iter()
                .map(|e| e.cost - self.col_potential[e.col as usize])
                .fold(0.0, f64::min);
            if self.row_potential[row] < 0.0 {
                self.augment(row, edges);
            }
        }
    }

    /// The column of a row, if it has one.
    pub(crate) fn mate_of_row(&self, row: usize) -> Option<usize> {
        let mate = self.row_mate[row];
        (mate != NONE).then_some(mate as usize)
    }

    fn reset(&mut self, rows: usize, cols: usize, edges: &[Edge]) {
        debug_assert!(edges.is_sorted_by_key(|e| e.row));
        self.first.clear();
        self.first.resize(rows + 1, 0);
        for e in edges {
            self.first[e.row as usize + 1] += 1;
        }
        for row in 0..rows {
            self.first[row + 1] += self.first[row];
        }
        refill(&mut self.row_potential, rows, 0.0);
        refill(&mut self.col_potential, cols, 0.0);
        refill(&mut self.row_mate, rows, NONE);
        refill(&mut self.col_mate, cols, NONE);
        refill(&mut self.distance, cols, f64::INFINITY);
        refill(&mut self.reached_from, cols, NONE);
        refill(&mut self.settled, cols, false);
    }

    fn edges_of<'e>(&self, row: usize, edges: &'e [Edge]) -> &'e [Edge] {
        &edges[self.first[row] as usize..self.first[row + 1] as usize]
    }

    /// Finds the cheapest way to give `start` a column, or to leave some row of the tree single, and takes it.
    fn augment(&mut self, start: usize, edges: &[Edge]) {
        self.tree.clear();
        self.touched.clear();
        let (mut row, mut base) = (start, 0.0);
        // The cheapest end so far: a row of the tree becomes single.
        let (mut single, mut single_at) = (NONE, f64::INFINITY);
        let end =
            loop {
                self.tree.push((row as u32, base));
                let stay = base - self.row_potential[row];
                // `<=`: on a tie the row that came later stays single.
                if stay < single_at || (stay == single_at && row as u32 > single) {
                    (single, single_at) = (row as u32, stay);
                }
                for e in &edges[self.first[row] as usize..self.first[row + 1] as usize] {
                    let col = e.col as usize;
                    let reach = base + (e.cost - self.row_potential[row] - self.col_potential[col]).max(0.0);
                    if !self.settled[col] && reach < self.distance[col] {
                        if self.distance[col] == f64::INFINITY {
                            self.touched.push(e.col);
                        }
                        self.distance[col] = reach;
                        self.reached_from[col] = row as u32;
                    }
                }
                let nearest =
                    self.touched.iter().copied().filter(|c| !self.settled[*c as usize]).min_by(|a, b| {
                        self.distance[*a as usize].total_cmp(&self.distance[*b as usize]).then(a.cmp(b))
                    });
                let Some(col) = nearest.filter(|c| self.distance[*c as usize] < single_at) else { break None };
                base = self.distance[col as usize];
                self.settled[col as usize] = true;
                if self.col_mate[col as usize] == NONE {
                    break Some(col);
                }
                row = self.col_mate[col as usize] as usize;
            };
        let reach = if end.is_some() { base } else { single_at };
        self.raise_potentials(reach);
        match end {
            Some(col) => self.flip(col, start),
            None => self.free(single, start),
        }
        for col in &self.touched {
            self.distance[*col as usize] = f64::INFINITY;
            self.settled[*col as usize] = false;
        }
    }

    fn raise_potentials(&mut self, reach: f64) {
        for (row, base) in &self.tree {
            self.row_potential[*row as usize] += (reach - base).max(0.0);
        }
        for col in &self.touched {
            if self.settled[*col as usize] {
                self.col_potential[*col as usize] -= (reach - self.distance[*col as usize]).max(0.0);
            }
        }
    }

    /// Hands `col` to the row it was reached from, that row's old column to the row before it, up to `start`.
    fn flip(&mut self, mut col: u32, start: usize) {
        loop {
            let row = self.reached_from[col as usize];
            let old = std::mem::replace(&mut self.row_mate[row as usize], col);
            self.col_mate[col as usize] = row;
            if row as usize == start {
                return;
            }
            col = old;
        }
    }

    /// Leaves `row` single and hands its column back along the path to `start`.
    fn free(&mut self, row: u32, start: usize) {
        if row as usize != start {
            let col = std::mem::replace(&mut self.row_mate[row as usize], NONE);
            self.flip(col, start);
        }
    }
}

fn refill<T: Clone>(buffer: &mut Vec<T>, len: usize, value: T) {
    buffer.clear();
    buffer.resize(len, value);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn total(solver: &Assignment, rows: usize, edges: &[Edge]) -> f64 {
        (0..rows)
            .filter_map(|r| solver.mate_of_row(r).map(|c| (r as u32, c as u32)))
            .map(|pair| edges.iter().find(|e| (e.row, e.col) == pair).expect("only listed pairs").cost)
            .sum()
    }

    /// Every partial assignment, tried one by one.
    fn cheapest(row: u32, rows: u32, taken: &mut Vec<u32>, edges: &[Edge]) -> f64 {
        if row == rows {
            return 0.0;
        }
        let mut best = cheapest(row + 1, rows, taken, edges);
        for e in edges.iter().filter(|e| e.row == row) {
            if !taken.contains(&e.col) {
                taken.push(e.col);
                best = best.min(e.cost + cheapest(row + 1, rows, taken, edges));
                taken.pop();
            }
        }
        best
    }

    proptest! {
        #[test]
        fn nothing_is_cheaper(cells in prop::collection::vec(prop::option::weighted(0.6, -10i32..0), 30)) {
            let edges: Vec<Edge> = cells
                .iter()
                .enumerate()
                .filter_map(|(i, c)| c.map(|c| Edge { row: i as u32 / 6, col: i as u32 % 6, cost: f64::from(c) / 10.0 }))
                .collect();
            let mut solver = Assignment::default();
            for _ in 0..2 {
                solver.solve(5, 6, &edges);
                prop_assert!((total(&solver, 5, &edges) - cheapest(0, 5, &mut Vec::new(), &edges)).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn ties_go_to_the_lowest_row() {
        for (pairs, mates) in [
            (&[(0, 0), (1, 0), (2, 0)][..], [Some(0), None, None]),
            (&[(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)][..], [Some(0), Some(1), None]),
        ] {
            let edges: Vec<Edge> = pairs.iter().map(|(row, col)| Edge { row: *row, col: *col, cost: -0.5 }).collect();
            let mut solver = Assignment::default();
            solver.solve(3, 2, &edges);
            assert_eq!([0, 1, 2].map(|r| solver.mate_of_row(r)), mates);
        }
    }

    #[test]
    fn nothing_to_assign() {
        let mut solver = Assignment::default();
        solver.solve(0, 0, &[]);
        solver.solve(2, 0, &[]);
        assert_eq!(solver.mate_of_row(1), None);
    }
}
