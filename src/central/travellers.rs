//! What consoles are told of travellers, and what operators do with them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::alert::{ActError, OPERATOR_CHARS_MAX, TEXT_CHARS_MAX, readable};
use super::follow::{FOLLOWS_MAX, Follow, FollowEnd};
use super::tracker::CentralTracker;
use crate::association::{
    Identity, LinkKind, OperatorFault, Outlook, TrackKey, Traveller, TravellerId, TravellerSummary,
};
use crate::frame::ObjectClass;
use crate::ids::{CameraId, TrackId};

/// A bag less probable than this is not told of, and of one track no more than so many.
const CARRIED: f64 = 0.1;
const BAGS_TOLD_MAX: usize = 8;
/// Longest case number, characters.
const CASE_CHARS_MAX: usize = 64;
/// Longest time that somebody is followed without being asked again, seconds.
pub const FOLLOW_S_MAX: u32 = 8 * 3_600;

/// Why a view into which somebody may come sees nobody at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blind {
    /// Its camera is offline.
    Offline,
    /// Its camera is covered.
    Covered,
    /// It was never heard of.
    Unheard,
}

/// Somebody who was told to walk with a traveller.
#[derive(Debug, Clone, PartialEq)]
pub struct Companion {
    /// Who, and where they are now.
    pub summary: TravellerSummary,
    /// In how many views they walked together.
    pub views: usize,
    /// When last, UTC microseconds.
    pub last: i64,
}

/// What a track could have been, with the track that each alternative continues.
pub type Alternatives = Vec<(Option<TrackKey>, LinkKind, f64)>;

/// A bag that somebody may have carried in a view.
#[derive(Debug, Clone, PartialEq)]
pub struct CarriedBag {
    /// Its number, the same in every view.
    pub number: u64,
    /// What kind of bag.
    pub class: ObjectClass,
    /// Its track in that view.
    pub track: TrackId,
    /// How probably they had it: the mean over the time that it was seen.
    pub probability: f64,
}

/// Everything that is known of one traveller.
#[derive(Debug, Clone, PartialEq)]
pub struct TravellerView {
    /// In one line.
    pub summary: TravellerSummary,
    /// The timeline; what lies between two segments is a gap.
    pub traveller: Traveller,
    /// Of each segment, whose it is and how sure that is.
    pub identities: Vec<Option<Identity>>,
    /// Of each segment, what else it could have been.
    pub alternatives: Vec<Alternatives>,
    /// Of each segment, the bags that they may have carried, the most probable first.
    pub bags: Vec<Vec<CarriedBag>>,
    /// Where they come into view next.
    pub outlook: Option<Outlook>,
    /// The views among those, and others of the site, that see nobody at present.
    pub blind: BTreeMap<CameraId, Blind>,
    /// Who walks with them.
    pub companions: Vec<Companion>,
    /// For which cases they are followed.
    pub follows: Vec<Follow>,
}

/// What an operator does. The names are those of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TravellerAction {
    /// Follow them for a case and a purpose, for so many seconds.
    Follow {
        /// Whom.
        traveller: TravellerId,
        /// The case.
        case: String,
        /// What for.
        purpose: String,
        /// How long.
        seconds: u32,
    },
    /// Follow them no longer.
    EndFollow {
        /// The number of what is ended.
        follow: u64,
    },
    /// Two travellers are one.
    Merge {
        /// One.
        a: TravellerId,
        /// The other.
        b: TravellerId,
    },
    /// From this track on it is somebody else.
    Split {
        /// Of whom.
        traveller: TravellerId,
        /// The first track of the other.
        at: TrackKey,
    },
}

impl TravellerAction {
    /// Name as in the audit log.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Follow { .. } => "follow",
            Self::EndFollow { .. } => "end_follow",
            Self::Merge { .. } => "merge",
            Self::Split { .. } => "split",
        }
    }
}

/// An action with who did it and when.
#[derive(Debug, Clone, PartialEq)]
pub struct TravellerAct {
    /// Who.
    pub operator: String,
    /// The second person, where policy asked for one.
    pub confirmed_by: Option<String>,
    /// When, UTC microseconds of the centre.
    pub at: i64,
    /// What.
    pub action: TravellerAction,
}

/// An action that cannot be done; nothing is changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TravellerFault {
    /// The join or the split makes no sense.
    #[error(transparent)]
    Identity(#[from] OperatorFault),
    /// A name or text is missing or too long.
    #[error("{0}")]
    Text(String),
    /// Nobody is followed under this number.
    #[error("nobody is followed as number {0}")]
    NoFollow(u64),
    /// Too many are followed.
    #[error("{FOLLOWS_MAX} travellers are followed already; end one first")]
    Full,
}

impl CentralTracker {
    /// Every traveller remembered, by name.
    #[must_use]
    pub fn summaries(&self) -> BTreeMap<TravellerId, TravellerSummary> {
        self.travellers().summaries()
    }

    /// One of them. `None` when nobody of that name is remembered.
    #[must_use]
    pub fn traveller(&self, id: TravellerId) -> Option<TravellerView> {
        let travellers = self.travellers();
        let traveller = travellers.traveller(id)?;
        let keys: Vec<&TrackKey> = traveller.segments.iter().map(|segment| &segment.track).collect();
        let blind = self.blind(id);
        let mut met: BTreeMap<TravellerId, (usize, i64)> = BTreeMap::new();
        for (other, together) in self.companions().of(|key| keys.contains(&key)) {
            let Some(identity) = travellers.identity(other) else { continue };
            let (views, last) = met.entry(identity.traveller).or_insert((0, together.until));
            (*views, *last) = (*views + 1, (*last).max(together.until));
        }
        let companions = met
            .into_iter()
            .filter_map(|(id, (views, last))| travellers.summary(id).map(|summary| Companion { summary, views, last }));
        Some(TravellerView {
            summary: travellers.summary(id)?,
            identities: keys.iter().map(|key| travellers.identity(key)).collect(),
            alternatives: keys.iter().map(|key| travellers.continued_tracks(key)).collect(),
            bags: keys.iter().map(|key| self.bags_of(key)).collect(),
            outlook: travellers.outlook(id, &blind.keys().cloned().collect()),
            companions: companions.collect(),
            follows: self.follows().open().filter(|follow| keys.contains(&&follow.track)).cloned().collect(),
            traveller,
            blind,
        })
    }

    /// The bags that a track may have carried, the most probable first.
    fn bags_of(&self, key: &TrackKey) -> Vec<CarriedBag> {
        let told = self.luggage().of(key).filter(|(.., probability, _)| *probability >= CARRIED);
        let mut bags: Vec<CarriedBag> = told
            .filter_map(|(bag_key, bag, probability, _)| {
                let number = self.luggage().number(bag_key)?;
                Some(CarriedBag { number, class: bag.class, track: bag_key.track, probability })
            })
            .collect();
        bags.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.track.cmp(&b.track)));
        bags.truncate(BAGS_TOLD_MAX);
        bags
    }

    /// The views that see nobody at present, those that `id` may come into next among them.
    pub(super) fn blind(&self, id: TravellerId) -> BTreeMap<CameraId, Blind> {
        let mut blind: BTreeMap<CameraId, Blind> = BTreeMap::new();
        for (camera, state) in self.cameras() {
            if state.offline.is_some() {
                blind.insert(camera.clone(), Blind::Offline);
            } else if state.covered {
                blind.insert(camera.clone(), Blind::Covered);
            }
        }
        let next = self.travellers().outlook(id, &BTreeSet::new()).map(|outlook| outlook.next).unwrap_or_default();
        for view in next.into_iter().filter(|view| !self.cameras().contains_key(&view.camera)) {
            blind.insert(view.camera, Blind::Unheard);
        }
        blind
    }

    /// Whether an action can be done.
    ///
    /// # Errors
    /// [`TravellerFault`].
    pub fn allows(&self, act: &TravellerAct) -> Result<(), TravellerFault> {
        let text = |what: &str, text: &str, most: usize| {
            readable(what, text, most).map_err(|error: ActError| TravellerFault::Text(error.to_string()))
        };
        text("the operator's name", &act.operator, OPERATOR_CHARS_MAX)?;
        match &act.action {
            TravellerAction::Follow { traveller, case, purpose, seconds } => {
                text("the case", case, CASE_CHARS_MAX)?;
                text("the purpose", purpose, TEXT_CHARS_MAX)?;
                if !(1..=FOLLOW_S_MAX).contains(seconds) {
                    return Err(TravellerFault::Text(format!("somebody is followed for 1 to {FOLLOW_S_MAX} seconds")));
                }
                if self.follows().is_full() {
                    return Err(TravellerFault::Full);
                }
                let known = self.travellers().traveller(*traveller);
                known.map(|_| ()).ok_or(TravellerFault::Identity(OperatorFault::Unknown(*traveller)))
            }
            TravellerAction::EndFollow { follow } => {
                let open = self.follows().get(*follow).filter(|follow| follow.ended.is_none());
                open.map(|_| ()).ok_or(TravellerFault::NoFollow(*follow))
            }
            TravellerAction::Merge { a, b } => Ok(self.travellers().may_merge(*a, *b)?),
            TravellerAction::Split { traveller, at } => Ok(self.travellers().may_split(*traveller, at)?),
        }
    }

    /// Does it; the traveller it was done with, as they are called then.
    ///
    /// # Errors
    /// [`TravellerFault`].
    pub fn act(&mut self, act: &TravellerAct) -> Result<TravellerId, TravellerFault> {
        self.allows(act)?;
        self.follows_mut().advance(act.at);
        match &act.action {
            TravellerAction::Follow { traveller, case, purpose, seconds } => {
                let unknown = OperatorFault::Unknown(*traveller);
                let last = self.travellers().traveller(*traveller).and_then(|t| t.segments.last().cloned());
                let follow = Follow {
                    id: 0,
                    track: last.ok_or(unknown)?.track,
                    case: case.clone(),
                    purpose: purpose.clone(),
                    operator: act.operator.clone(),
                    confirmed_by: act.confirmed_by.clone(),
                    from: act.at,
                    until: act.at.saturating_add(i64::from(*seconds) * 1_000_000),
                    ended: None,
                };
                self.follows_mut().begin(follow);
                Ok(*traveller)
            }
            TravellerAction::EndFollow { follow } => {
                let track = self.follows().get(*follow).map(|follow| follow.track.clone());
                self.follows_mut().end(*follow, act.at, FollowEnd::Operator(act.operator.clone()));
                let identity = track.and_then(|track| self.travellers().identity(&track));
                // Somebody may be followed for longer than they are remembered.
                Ok(identity.map_or(TravellerId(0), |identity| identity.traveller))
            }
            TravellerAction::Merge { a, b } => {
                self.travellers_mut().merge(*a, *b)?;
                Ok(self.travellers().became(*a).unwrap_or(*a))
            }
            TravellerAction::Split { traveller, at } => {
                self.travellers_mut().split(*traveller, at)?;
                Ok(self.travellers().identity(at).map_or(*traveller, |identity| identity.traveller))
            }
        }
    }
}
