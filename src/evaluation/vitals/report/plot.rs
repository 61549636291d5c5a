//! A plot with two axes in their own units, as SVG that needs nothing from outside.

use std::fmt::Write;

use crate::evaluation::report::html::escaped;

/// Size of a plot in its own units, and the space for the axes' numbers.
const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 42.0;
const BELOW: f64 = 32.0;
const MARGIN: f64 = 10.0;
/// About how many numbers an axis has.
const TICKS: f64 = 5.0;
/// Radius of a point.
const DOT: f64 = 2.2;

/// What an axis shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis<'a> {
    pub(super) name: &'a str,
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Axis<'_> {
    /// Round numbers within, and how many digits they need.
    fn ticks(&self) -> (Vec<f64>, usize) {
        let rough = ((self.to - self.from) / TICKS).max(1e-9);
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|step| *step >= rough).unwrap_or(rough);
        let first = (self.from / step - 1e-9).ceil();
        let count = ((self.to - first * step) / step + 1e-9).floor().max(0.0) as u32;
        ((0..=count).map(|n| (first + f64::from(n)) * step).collect(), (-power.log10().floor()).max(0.0) as usize)
    }

    fn share(&self, value: f64) -> f64 {
        (value - self.from) / (self.to - self.from)
    }
}

/// A plot that is being drawn.
pub(super) struct Plot<'a> {
    svg: String,
    x: Axis<'a>,
    y: Axis<'a>,
}

impl<'a> Plot<'a> {
    /// Axes with their numbers. What lies outside of them is not drawn.
    pub(super) fn new(label: &str, x: Axis<'a>, y: Axis<'a>) -> Self {
        let label = escaped(label);
        let svg = format!("<svg viewBox='0 0 {WIDTH} {HEIGHT}' overflow=visible role=img aria-label='{label}'>");
        let mut plot = Self { svg, x, y };
        let (right, bottom) = (WIDTH - MARGIN, HEIGHT - BELOW);
        let (ticks, digits) = y.ticks();
        for value in ticks {
            let (_, at) = plot.place((x.from, value));
            plot.add(format_args!("<line class=grid x1={LEFT} y1={at:.1} x2={right} y2={at:.1} />"));
            plot.add(format_args!("<text class=left x={} y={:.1}>{value:.digits$}</text>", LEFT - 5.0, at + 3.5));
        }
        let (ticks, digits) = x.ticks();
        for value in ticks {
            let (at, _) = plot.place((value, y.from));
            plot.add(format_args!("<text class=mid x={at:.1} y={:.1}>{value:.digits$}</text>", bottom + 14.0));
        }
        let middle = (LEFT + right) / 2.0;
        plot.add(format_args!("<text class=mid x={middle} y={}>{}</text>", HEIGHT - 4.0, escaped(x.name)));
        plot.add(format_args!("<text x={LEFT} y=8>{}</text>", escaped(y.name)));
        plot
    }

    /// Joined points; a point outside ends a line.
    pub(super) fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        let parts: Vec<&[(f64, f64)]> = points.split(|point| !self.holds(*point)).collect();
        for part in parts.into_iter().filter(|part| part.len() > 1) {
            let mut text = String::new();
            for point in part {
                let (x, y) = self.place(*point);
                let _ = write!(text, "{x:.1},{y:.1} ");
            }
            self.add(format_args!("<polyline class='{class}' points='{}' />", text.trim_end()));
        }
    }

    /// Dots, each with what is said about it.
    pub(super) fn dots<'b>(&mut self, class: &str, dots: impl Iterator<Item = ((f64, f64), &'b str)>) {
        for (point, text) in dots {
            if self.holds(point) {
                let (x, y) = self.place(point);
                let text = escaped(text);
                self.add(format_args!(
                    "<circle class='{class}' cx={x:.1} cy={y:.1} r={DOT}><title>{text}</title></circle>"
                ));
            }
        }
    }

    /// A level line across.
    pub(super) fn level(&mut self, class: &str, value: f64) {
        self.line(class, &[(self.x.from, value), (self.x.to, value)]);
    }

    /// An upright line.
    pub(super) fn upright(&mut self, class: &str, value: f64) {
        self.line(class, &[(value, self.y.from), (value, self.y.to)]);
    }

    /// The plot.
    pub(super) fn finish(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.x.from..=self.x.to).contains(&x) && (self.y.from..=self.y.to).contains(&y)
    }

    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (w, h) = (WIDTH - LEFT - MARGIN, HEIGHT - BELOW - MARGIN - 4.0);
        (LEFT + self.x.share(x) * w, HEIGHT - BELOW - self.y.share(y) * h)
    }

    /// Appends; writing to a string cannot fail.
    fn add(&mut self, what: std::fmt::Arguments<'_>) {
        let _ = self.svg.write_fmt(what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_numbers() {
        let ticks = |from, to| Axis { name: "", from, to }.ticks();
        assert_eq!(ticks(0.0, 10.0), (vec![0.0, 2.0, 4.0, 6.0, 8.0, 10.0], 0));
        assert_eq!(ticks(41.0, 118.0), (vec![60.0, 80.0, 100.0], 0));
        assert_eq!(ticks(0.0, 0.5).1, 1);
    }

    #[test]
    fn what_lies_outside_is_not_drawn() {
        let axis = |name| Axis { name, from: 0.0, to: 10.0 };
        let mut plot = Plot::new("a <plot>", axis("x"), axis("y"));
        plot.dots("d", [((5.0, 5.0), "in"), ((5.0, 50.0), "out")].into_iter());
        plot.line("k0", &[(0.0, 1.0), (5.0, 2.0), (6.0, 20.0), (7.0, 3.0), (8.0, 3.0)]);
        let svg = plot.finish();
        assert!(svg.contains("a &lt;plot&gt;") && svg.contains(">in<") && !svg.contains(">out<"));
        assert_eq!(svg.matches("<polyline").count(), 2);
    }
}
