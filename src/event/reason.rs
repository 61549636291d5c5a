//! The closed list of reasons, in words: what `docs/reasons.md` and `greenlane reasons` show.

use super::{ReasonCode, Unit};

impl ReasonCode {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 37] = [
        Self::FrameGap,
        Self::LumaDeviation,
        Self::ClockStep,
        Self::Dropped,
        Self::DwellTime,
        Self::Speed,
        Self::WayBack,
        Self::Retreat,
        Self::Approaches,
        Self::GateGap,
        Self::Separation,
        Self::TimeTogether,
        Self::People,
        Self::Uprightness,
        Self::TimeLying,
        Self::BorderShare,
        Self::TimeAlone,
        Self::CarrierProbability,
        Self::Bags,
        Self::EarlierMoment,
        Self::Crossings,
        Self::Pulse,
        Self::PulseChange,
        Self::Respiration,
        Self::RespirationChange,
        Self::BlinkRate,
        Self::BlinkRateChange,
        Self::FacialMovement,
        Self::FacialMovementChange,
        Self::SpeedChange,
        Self::TimeInView,
        Self::Rarity,
        Self::TimeAway,
        Self::Candidates,
        Self::SameTraveller,
        Self::BagsMissed,
        Self::BagLikeness,
    ];

    /// Name as in JSON.
    #[must_use]
    pub fn name(self) -> String {
        screaming(&format!("{self:?}"))
    }

    /// What was measured, in a sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.described().1
    }

    /// What is expected, in words: the range itself stands in each event.
    #[must_use]
    pub fn expected(self) -> &'static str {
        self.described().2
    }

    /// The unit in which it is told; a camera without calibration tells lengths in box heights.
    #[must_use]
    pub fn unit(self) -> Unit {
        self.described().0
    }

    #[rustfmt::skip]
    fn described(self) -> (Unit, &'static str, &'static str) {
        match self {
            Self::FrameGap => (Unit::Seconds, "Time without a frame.", "how long the stream's clock may step"),
            Self::LumaDeviation => (Unit::Luma, "Spread of brightness over the view; a covered lens has none.", "what an uncovered view has"),
            Self::ClockStep => (Unit::Seconds, "Step of the stream's clock against the system's.", "no step"),
            Self::Dropped => (Unit::Count, "How many things a named bound dropped.", "none"),
            Self::DwellTime => (Unit::Seconds, "Time spent in a zone, or behind an entrance.", "what people stay there at this hour"),
            Self::Speed => (Unit::MetresPerSecond, "Speed over the floor; box heights a second without calibration.", "what people walk, or the lane's recent passers"),
            Self::WayBack => (Unit::Metres, "Way against the direction of a zone; box heights without calibration.", "what turning round takes"),
            Self::Retreat => (Unit::Metres, "How far somebody drew back from a control zone.", "what queueing takes"),
            Self::Approaches => (Unit::Count, "How often somebody came up to a control zone and drew back.", "once"),
            Self::GateGap => (Unit::Seconds, "Time between two people at a gate.", "what one by one takes"),
            Self::Separation => (Unit::Metres, "Distance between two people; box heights without calibration.", "what companions keep"),
            Self::TimeTogether => (Unit::Seconds, "Time that two walked together.", "less than companions do"),
            Self::People => (Unit::Count, "How many people are in a zone.", "what it may hold"),
            Self::Uprightness => (Unit::Ratio, "Height of a box over its width.", "what standing people have"),
            Self::TimeLying => (Unit::Seconds, "Time lying.", "less than a fall takes"),
            Self::BorderShare => (Unit::Ratio, "Share of the way along the border of the picture.", "what ordinary ways have"),
            Self::TimeAlone => (Unit::Seconds, "Time that a bag stands alone.", "what setting down takes"),
            Self::CarrierProbability => (Unit::Ratio, "Probability that this is who carries a bag.", "less than is told of"),
            Self::Bags => (Unit::Count, "How many bags.", "as many as before"),
            Self::EarlierMoment => (Unit::Seconds, "Seconds before this event at which the earlier of two moments lies.", "within what is remembered"),
            Self::Crossings => (Unit::Count, "Crossings of a line so far in this direction.", "any number"),
            Self::Pulse => (Unit::PerMinute, "Heart beats a minute.", "nine of ten of the lane's recent passers"),
            Self::PulseChange => (Unit::PerMinute, "Heart beats a minute, less the passer's own baseline.", "nine of ten of the lane's recent passers"),
            Self::Respiration => (Unit::PerMinute, "Breaths a minute.", "nine of ten of the lane's recent passers"),
            Self::RespirationChange => (Unit::PerMinute, "Breaths a minute, less the passer's own baseline.", "nine of ten of the lane's recent passers"),
            Self::BlinkRate => (Unit::PerMinute, "Blinks a minute.", "nine of ten of the lane's recent passers"),
            Self::BlinkRateChange => (Unit::PerMinute, "Blinks a minute, less the passer's own baseline.", "nine of ten of the lane's recent passers"),
            Self::FacialMovement => (Unit::PerMinute, "Movements of facial features a minute.", "nine of ten of the lane's recent passers"),
            Self::FacialMovementChange => (Unit::PerMinute, "Movements of facial features a minute, less the passer's own baseline.", "nine of ten of the lane's recent passers"),
            Self::SpeedChange => (Unit::MetresPerSecond, "Speed over the floor, less the passer's own baseline.", "nine of ten of the lane's recent passers"),
            Self::TimeInView => (Unit::Seconds, "Time in view so far.", "nine of ten of the lane's recent passers"),
            Self::Rarity => (Unit::Ratio, "Share of ordinary passers who deviate as much at some time of their stay.", "more than the set budget"),
            Self::TimeAway => (Unit::Seconds, "Time out of every view of somebody who is followed.", "what four of five take who go on from there"),
            Self::Candidates => (Unit::Count, "How many people it may be, of whom it is one.", "one"),
            Self::SameTraveller => (Unit::Ratio, "Probability that tracks in two views are one traveller's.", "less than an even chance"),
            Self::BagsMissed => (Unit::Ratio, "Share of carried bags that the view misses in which none was seen.", "half or more"),
            Self::BagLikeness => (Unit::Ratio, "Cosine similarity of the looks of two bags.", "as of two bags"),
        }
    }
}

impl Unit {
    /// For people, e.g. `m/s`; empty for counts and shares.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Metres => "m",
            Self::MetresPerSecond => "m/s",
            Self::HeightsPerSecond => "heights/s",
            Self::Luma => "levels",
            Self::Count | Self::Ratio => "",
            Self::PerMinute => "a minute",
        }
    }
}

/// `DwellTime` as `DWELL_TIME`.
fn screaming(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(c.to_ascii_uppercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_json_and_everyone_is_described() {
        for code in ReasonCode::ALL {
            assert_eq!(serde_json::json!(code), code.name());
            assert!(code.meaning().ends_with('.') && !code.expected().is_empty(), "{code:?}");
        }
        // The list has no holes: each entry stands at its own place, and the last is the enum's last.
        assert!(ReasonCode::ALL.iter().enumerate().all(|(i, code)| *code as usize == i));
    }
}
