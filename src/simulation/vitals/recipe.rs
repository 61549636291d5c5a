//! What a semi-synthetic recording is made of.

use serde::Serialize;

use super::cycles::{BreathRecipe, HeartRecipe};

/// Gives an enum its names, for command lines, file columns and JSON.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident, $what:literal, { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// All of them, the mildest first.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As on the command line and in files.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let names: Vec<&str> = Self::ALL.iter().map(|one| one.as_str()).collect();
                let found = Self::ALL.iter().find(|one| one.as_str() == text);
                found.copied().ok_or_else(|| format!("no {} `{text}`; there are {}", $what, names.join(", ")))
            }
        }
    };
}

named! {
    /// How much light skin gives back, in five steps. The steps stand for the camera's problem (fewer grey levels, less of a pulse),
    /// not for people.
    Skin, "skin", {
        /// The most.
        S1 = "s1",
        /// More.
        S2 = "s2",
        /// Middling.
        S3 = "s3",
        /// Less.
        S4 = "s4",
        /// The least.
        S5 = "s5",
    }
}

impl Skin {
    /// Colour in sRGB code values under full exposure: steps of even lightness through the range of published skin swatches.
    #[must_use]
    pub fn srgb(self) -> [f64; 3] {
        match self {
            Self::S1 => [226.0, 190.0, 168.0],
            Self::S2 => [200.0, 156.0, 132.0],
            Self::S3 => [168.0, 121.0, 97.0],
            Self::S4 => [124.0, 85.0, 65.0],
            Self::S5 => [82.0, 56.0, 43.0],
        }
    }

    /// Relative change of the light from lowest to highest of a pulse, before the signature: melanin absorbs on the way to the vessels
    /// and back. Halves of these are amplitudes; the range is that of the published AC/DC of faces, 0.1 to 1 %.
    #[must_use]
    pub fn pulsation(self) -> f64 {
        match self {
            Self::S1 => 0.012,
            Self::S2 => 0.010,
            Self::S3 => 0.008,
            Self::S4 => 0.0055,
            Self::S5 => 0.0035,
        }
    }
}

named! {
    /// How a head moves.
    Motion, "motion", {
        /// Sits still.
        Still = "still",
        /// Sways slowly.
        Swaying = "swaying",
        /// Talks and nods, in spells.
        Talking = "talking",
    }
}

named! {
    /// What the light does.
    Light, "light", {
        /// Nearly nothing.
        Steady = "steady",
        /// Daylight and screens that change.
        Drifting = "drifting",
        /// Lamps on the mains, and a camera that corrects its exposure.
        Harsh = "harsh",
    }
}

named! {
    /// How pictures are stored.
    Codec, "codec", {
        /// Without loss.
        Raw = "raw",
        /// JPEG pictures of high quality.
        Mjpeg = "mjpeg",
        /// H.264 at constant rate factor 18.
        Crf18 = "crf18",
        /// H.264 at constant rate factor 23.
        Crf23 = "crf23",
    }
}

impl Codec {
    /// H.264's constant rate factor.
    #[must_use]
    pub fn crf(self) -> Option<u32> {
        match self {
            Self::Raw | Self::Mjpeg => None,
            Self::Crf18 => Some(18),
            Self::Crf23 => Some(23),
        }
    }
}

/// A recording to be made. The same recipe gives the same recording.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recipe {
    /// Of everything random.
    pub seed: u64,
    /// Whose it is.
    pub person: String,
    /// Length.
    pub seconds: f64,
    /// Frames a second on average.
    pub fps: f64,
    /// Deviation of single frames from even times, ms.
    pub jitter_ms: f64,
    /// Width of the face, pixels.
    pub face_px: f64,
    /// The skin.
    pub skin: Skin,
    /// The motion.
    pub motion: Motion,
    /// The light.
    pub light: Light,
    /// The codec.
    pub codec: Codec,
    /// Seconds between keyframes, for codecs that have them.
    pub keyframe_s: f64,
    /// Deviation of a pixel's noise, code values.
    pub pixel_noise: f64,
    /// How strong the pulse is, as a multiple of [`Skin::pulsation`].
    pub perfusion: f64,
    /// The heart; `None` for something without a pulse.
    pub heart: Option<HeartRecipe>,
    /// The lungs.
    pub breath: BreathRecipe,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            seed: 1,
            person: "p1".to_owned(),
            seconds: 60.0,
            fps: 30.0,
            jitter_ms: 2.0,
            face_px: 128.0,
            skin: Skin::S2,
            motion: Motion::Still,
            light: Light::Steady,
            codec: Codec::Raw,
            keyframe_s: 2.0,
            pixel_noise: 1.5,
            perfusion: 1.0,
            heart: Some(HeartRecipe { rate_bpm: 72.0, sdnn_ms: 35.0, drift: 0.0 }),
            breath: BreathRecipe { rate_bpm: 15.0, unevenness: 0.08 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        assert!(Skin::ALL.iter().all(|s| s.as_str().parse() == Ok(*s)));
        assert!(Codec::ALL.iter().all(|c| c.as_str().parse() == Ok(*c)));
        assert_eq!("wild".parse::<Motion>(), Err("no motion `wild`; there are still, swaying, talking".to_owned()));
        assert_eq!(Light::ALL.len(), 3);
    }

    #[test]
    fn darker_skin_gives_less_light_and_less_of_a_pulse() {
        for pair in Skin::ALL.windows(2) {
            assert!(pair[0].pulsation() > pair[1].pulsation());
            assert!((0..3).all(|c| pair[0].srgb()[c] > pair[1].srgb()[c]));
        }
    }
}
