//! A track's memory of what its person looks like.

use crate::appearance::Appearance;

/// What is known of a detection's appearance in this step.
#[derive(Debug, Clone, Default)]
pub(super) enum Answer {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// Asked, and there is none.
    Nothing,
    /// Asked and answered.
    Known(Appearance),
}

impl Answer {
    /// The vector where there is one.
    pub(super) fn known(&self) -> Option<&Appearance> {
        match self {
            Self::Known(appearance) => Some(appearance),
            Self::NotAsked | Self::Nothing => None,
        }
    }
}

/// Mixes `new` into `gallery`, of which the share `keep` stays (`FairMOT`'s smoothing, IJCV 2021), and makes it a unit
/// vector again. A vector of another length comes of another model and replaces the old one.
pub(super) fn mix(gallery: &mut Option<Appearance>, new: &Appearance, keep: f64) {
    let Some(old) = gallery.as_mut().filter(|old| old.is_comparable(new)) else {
        *gallery = Some(new.clone());
        return;
    };
    let mut norm = 0.0;
    for (a, b) in old.vector.iter_mut().zip(&new.vector) {
        let mixed = keep * f64::from(*a) + (1.0 - keep) * f64::from(*b);
        norm += mixed * mixed;
        *a = mixed as f32;
    }
    let norm = norm.sqrt();
    if norm < f64::from(f32::EPSILON) {
        // Opposite vectors cancelled out: the newer one is the better guess.
        *gallery = Some(new.clone());
        return;
    }
    for a in &mut old.vector {
        *a = (f64::from(*a) / norm) as f32;
    }
    old.quality = (keep * f64::from(old.quality) + (1.0 - keep) * f64::from(new.quality)) as f32;
}
