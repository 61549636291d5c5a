//! Whom cameras are to look for, and their answers, as messages.

use super::{WireError, appearance_from_proto, appearance_to_proto, capture_from_proto, capture_to_proto, v1};
use super::{track_from_proto, track_to_proto};
use crate::central::{Directive, Match};
use crate::ids::CameraId;

/// The message for an order.
#[must_use]
pub fn directive_to_proto(directive: &Directive) -> v1::Directive {
    v1::Directive {
        follow: directive.follow,
        camera: directive.camera.as_str().to_owned(),
        from_unix_micros: directive.from,
        until_unix_micros: directive.until,
        priority: directive.priority,
        look: directive.look.as_ref().map(appearance_to_proto),
        cosine_min: directive.cosine_min,
    }
}

/// The order that a message gives.
///
/// # Errors
/// [`WireError`] for a camera or a look that cannot be, and for numbers that are none.
pub fn directive_from_proto(message: &v1::Directive) -> Result<Directive, WireError> {
    let invalid = |field, why: &dyn std::fmt::Display| WireError::Invalid { field, why: why.to_string() };
    if !(message.priority.is_finite() && message.cosine_min.is_finite()) {
        return Err(invalid("directive", &"a priority or a similarity that is no number"));
    }
    Ok(Directive {
        follow: message.follow,
        camera: CameraId::new(&message.camera).map_err(|error| invalid("directive.camera", &error))?,
        from: message.from_unix_micros,
        until: message.until_unix_micros,
        priority: message.priority,
        look: message.look.clone().map(appearance_from_proto),
        cosine_min: message.cosine_min,
    })
}

/// The message for an answer.
#[must_use]
pub fn match_to_proto(found: &Match) -> v1::DirectiveMatch {
    v1::DirectiveMatch { follow: found.follow, look_alike: Some(look_alike_to_proto(found)) }
}

/// What consoles are told of an answer.
#[must_use]
pub fn look_alike_to_proto(found: &Match) -> v1::LookAlike {
    let track = Some(track_to_proto(&found.track));
    v1::LookAlike { track, at: Some(capture_to_proto(found.at)), cosine: found.cosine }
}

/// The answer in a message.
///
/// # Errors
/// [`WireError`] for a track that cannot be and for a similarity that is none.
pub fn match_from_proto(message: v1::DirectiveMatch) -> Result<Match, WireError> {
    let look_alike = message.look_alike.ok_or(WireError::Missing("look_alike"))?;
    if !(-1.001..=1.001).contains(&look_alike.cosine) {
        let why = format!("{} is no similarity", look_alike.cosine);
        return Err(WireError::Invalid { field: "look_alike.cosine", why });
    }
    Ok(Match {
        follow: message.follow,
        track: track_from_proto(&look_alike.track.ok_or(WireError::Missing("look_alike.track"))?)?,
        at: capture_from_proto(look_alike.at.ok_or(WireError::Missing("look_alike.at"))?),
        cosine: look_alike.cosine,
    })
}
