//! Closed lists: one table each, so that the two directions cannot disagree.

use super::{WireError, v1};
use crate::association::{LinkKind, LinkState};
use crate::behaviour::{Units, ZoneUse};
use crate::central::Blind;
use crate::central::alert::{AlertState, HeldWhy};
use crate::event::vital::Reason as VitalReason;
use crate::event::{Absence, BagChange, Behaviour, Lifecycle, OfflineCause, ReasonCode, Severity, Unit, VitalSign};
use crate::frame::ObjectClass;
use crate::privacy::MaskUnits;
use crate::units::Unavailable;

/// A closed list with a number on the wire for each entry.
pub trait WireEnum: Copy + PartialEq + 'static {
    /// Name in errors.
    const FIELD: &'static str;
    /// Each entry with its number; 0 is never used, it means "not said".
    const TABLE: &'static [(Self, i32)];

    /// The number on the wire.
    #[must_use]
    fn to_wire(self) -> i32 {
        Self::TABLE.iter().find(|(entry, _)| *entry == self).map_or(0, |(_, number)| *number)
    }

    /// The entry with this number.
    ///
    /// # Errors
    /// [`WireError::Unknown`] for 0 and for numbers of newer versions.
    fn from_wire(number: i32) -> Result<Self, WireError> {
        let found = Self::TABLE.iter().find(|(_, n)| *n == number);
        found.map(|(entry, _)| *entry).ok_or(WireError::Unknown { field: Self::FIELD, value: i64::from(number) })
    }
}

macro_rules! wire_enum {
    ($field:literal, $ours:ident, $theirs:ident, [$($entry:ident),+ $(,)?]) => {
        impl WireEnum for $ours {
            const FIELD: &'static str = $field;
            const TABLE: &'static [(Self, i32)] = &[$(($ours::$entry, v1::$theirs::$entry as i32)),+];
        }
    };
}

wire_enum!("link.kind", LinkKind, LinkKind, [Newcomer, Passage, Overlap]);
wire_enum!("link.state", LinkState, LinkState, [Considered, Proposed, Confirmed, Rejected]);
wire_enum!("absence", Absence, Absence, [Overdue, UnexpectedExit, TooFast]);
wire_enum!("bag.change", BagChange, BagChange, [PassedOn, Missing, Gained]);
wire_enum!("blind", Blind, Blind, [Offline, Covered, Unheard]);
wire_enum!("lifecycle", Lifecycle, Lifecycle, [New, Update, End, Retracted]);
wire_enum!("severity", Severity, Severity, [Info, Attention, Alert]);
wire_enum!(
    "reason.code",
    ReasonCode,
    ReasonCode,
    [
        FrameGap,
        LumaDeviation,
        ClockStep,
        Dropped,
        DwellTime,
        Speed,
        WayBack,
        Retreat,
        Approaches,
        GateGap,
        Separation,
        TimeTogether,
        People,
        Uprightness,
        TimeLying,
        BorderShare,
        TimeAlone,
        CarrierProbability,
        Bags,
        EarlierMoment,
        Crossings,
        Pulse,
        PulseChange,
        Respiration,
        RespirationChange,
        BlinkRate,
        BlinkRateChange,
        FacialMovement,
        FacialMovementChange,
        SpeedChange,
        TimeInView,
        Rarity,
        TimeAway,
        Candidates,
        SameTraveller,
        BagsMissed,
        BagLikeness
    ]
);
wire_enum!(
    "behaviour",
    Behaviour,
    Behaviour,
    [
        Loitering,
        CounterFlow,
        Running,
        Reversal,
        Hesitation,
        Tailgating,
        WalkingTogether,
        GroupSplit,
        Crowding,
        LineCrossed,
        Fall,
        BorderPath,
        ObjectLeft,
        ObjectTaken,
        ObjectReclaimed,
        BagHandedOver,
        BagSwapped,
        RestroomDwell,
        CarryDifference
    ]
);
wire_enum!("unit", Unit, Unit, [Seconds, Metres, MetresPerSecond, HeightsPerSecond, Luma, Count, Ratio, PerMinute]);
wire_enum!("class", ObjectClass, ObjectClass, [Person, Backpack, Handbag, Suitcase, Face]);
wire_enum!(
    "unavailable",
    Unavailable,
    Unavailable,
    [NotConfigured, NotCalibrated, TooSmall, Occluded, TooShort, ModelFailed, NotOnTape]
);
wire_enum!(
    "offline.cause",
    OfflineCause,
    OfflineCause,
    [OpenFailed, Stall, StreamEnded, DecodeFailed, Shutdown, WorkerFailed]
);

wire_enum!("vital_report.sign", VitalSign, VitalSign, [Pulse, Respiration, BlinkRate, FacialMovement]);
wire_enum!(
    "vital_report.reasons",
    VitalReason,
    VitalReason,
    [
        TooShort,
        TrackBreak,
        FaceSmall,
        HeadTurned,
        LowLight,
        Saturated,
        NoStructure,
        FpsJitter,
        Agc,
        Motion,
        Compressed,
        NoPulse,
        Disagree,
        RoiSpread,
        GopLine,
        FlickerLine,
        NotConfigured
    ]
);

wire_enum!("alert.state", AlertState, AlertState, [Open, Acknowledged, Dismissed, Withdrawn]);
wire_enum!("held_back.why", HeldWhy, HeldWhy, [BudgetFull, Outranked]);
wire_enum!("zone.units", Units, LayoutUnits, [Normalised, Pixels, Metres]);
wire_enum!("mask.units", MaskUnits, LayoutUnits, [Normalised, Pixels]);
// The inside of a restroom has no number: nothing of it is ever told.
wire_enum!("zone.use", ZoneUse, ZoneUse, [Hall, Control, OneWay, RestroomEntrance]);
