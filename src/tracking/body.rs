//! A person or a bag as it matters for who has which bag: where it is, and what it can reach and hide.

use crate::frame::ObjectClass;
use crate::geometry::length;

/// A person or a bag as far as it matters here, pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Body {
    /// Its name; people come by ascending names.
    pub key: u64,
    /// What it is.
    pub class: ObjectClass,
    /// Middle of its box.
    pub centre: (f64, f64),
    /// Width and height of its box.
    pub sides: (f64, f64),
    /// Velocity of the middle, pixels a second.
    pub drift: (f64, f64),
    /// Velocity on the floor as far as it is known there, metres a second.
    pub velocity: (f64, f64),
    /// For how long it is known, seconds.
    pub age_s: f64,
    /// For how long it has not been seen, seconds.
    pub unseen_s: f64,
}

impl Body {
    /// Whether it is in sight now: a detection or two may be missed.
    #[must_use]
    pub fn in_sight(&self) -> bool {
        const STALE_S: f64 = 0.5;
        self.unseen_s <= STALE_S
    }

    /// Speed, metres a second.
    #[must_use]
    pub fn speed(&self) -> f64 {
        length(self.velocity.0, self.velocity.1)
    }

    /// How fast the two pass each other, metres a second.
    #[must_use]
    pub fn passes(&self, other: &Self) -> f64 {
        length(self.velocity.0 - other.velocity.0, self.velocity.1 - other.velocity.1)
    }

    /// Whether it may be `other`, who is not in sight, under a new name: it began where that one was lost.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        self.age_s < other.unseen_s + 1.0 && self.touches(other)
    }

    fn foot(&self) -> (f64, f64) {
        (self.centre.0, self.centre.1 + self.sides.1 / 2.0)
    }

    /// Whether two people are so near that one can give the other something: an arm's length for each of them, and
    /// twice that in the picture's height, where it is how far away they are.
    #[must_use]
    pub fn touches(&self, other: &Self) -> bool {
        const ARMS: (f64, f64) = (0.9, 0.45);
        let height = (self.sides.1 + other.sides.1) / 2.0;
        let ((x, y), (a, b)) = (self.foot(), other.foot());
        (x - a).abs() <= ARMS.0 * height && (y - b).abs() <= ARMS.1 * height
    }

    /// Whether `person` may stand before this bag: their boxes meet, and the person is not farther away.
    #[must_use]
    pub fn is_hidden_by(&self, person: &Self) -> bool {
        let beside = |a: f64, b: f64, sides: f64| (a - b).abs() < sides / 2.0;
        beside(self.centre.0, person.centre.0, self.sides.0 + person.sides.0)
            && beside(self.centre.1, person.centre.1, self.sides.1 + person.sides.1)
            && person.foot().1 > self.foot().1 - 0.05 * person.sides.1
    }

    /// Whether `person` is near enough to this bag to matter when it is hidden.
    #[must_use]
    pub fn is_around(&self, person: &Self) -> bool {
        const AROUND: f64 = 2.0;
        let near = |a: f64, b: f64| (a - b).abs() < AROUND * person.sides.1;
        near(self.centre.0, person.centre.0) && near(self.centre.1, person.centre.1)
    }

    /// Whether it is where it was when its middle was at `centre`.
    #[must_use]
    pub fn stays(&self, centre: (f64, f64)) -> bool {
        const STAYS: f64 = 0.15;
        length(self.centre.0 - centre.0, self.centre.1 - centre.1) < STAYS * self.sides.1
    }

    /// From this bag to where `person` has theirs, heights: sideways from the body, above or below it, and, for a
    /// suitcase, in depth.
    pub(super) fn offsets(&self, person: &Self) -> (f64, f64, f64) {
        /// A body is so wide to each side, and suitcases are so far behind.
        const FREE: f64 = 0.22;
        const FREE_DEPTH: f64 = 0.12;
        let h = person.sides.1;
        let sideways = ((self.centre.0 - person.centre.0).abs() / h - FREE).max(0.0);
        let upright = ((self.centre.1 - person.centre.1).abs() / h - 0.5).max(0.0);
        let on_floor = self.class == ObjectClass::Suitcase;
        let depth = (self.foot().1 - person.foot().1).abs() / h;
        (sideways, upright, if on_floor { (depth - FREE_DEPTH).max(0.0) } else { 0.0 })
    }

    /// How far the feet of this bag and of `person` are from each other, heights; what is on the floor, in depth, too.
    pub(super) fn far(&self, person: &Self) -> f64 {
        let h = person.sides.1;
        let below = self.foot().1 - person.foot().1;
        let depth = if self.class == ObjectClass::Suitcase { 2.0 * below / h } else { 0.0 };
        length((self.centre.0 - person.centre.0) / h, depth)
    }

    /// How far this bag is from where `person` would have it, heights.
    #[must_use]
    pub fn apart(&self, person: &Self) -> f64 {
        let (x, y, depth) = self.offsets(person);
        (x * x + y * y + depth * depth).sqrt()
    }
}
