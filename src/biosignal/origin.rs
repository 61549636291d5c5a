//! Where a pulse wave comes from: the colours of skin, or a model that looks at the whole face.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::methods::PulseMethod;

/// As on the command line and in JSON.
const NETWORK: &str = "ME_RPPG";

/// Where a pulse wave comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum PulseOrigin {
    /// A method over the colours of a region.
    Colours(PulseMethod),
    /// A network with a memory of the face (ME-rPPG, arXiv 2504.01774).
    Network,
}

/// A name that is neither a method nor the network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no pulse method `{name}`; there are {}", known())]
pub struct UnknownOrigin {
    /// What was asked for.
    name: String,
}

fn known() -> String {
    PulseMethod::ALL.iter().map(|method| method.as_str()).chain([NETWORK]).collect::<Vec<&str>>().join(", ")
}

impl PulseOrigin {
    /// As on the command line and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Colours(method) => method.as_str(),
            Self::Network => NETWORK,
        }
    }

    /// The method over colours, where it is one.
    #[must_use]
    pub fn colours(self) -> Option<PulseMethod> {
        match self {
            Self::Colours(method) => Some(method),
            Self::Network => None,
        }
    }
}

impl From<PulseOrigin> for &'static str {
    fn from(origin: PulseOrigin) -> Self {
        origin.as_str()
    }
}

impl fmt::Display for PulseOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PulseOrigin {
    type Err = UnknownOrigin;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case(NETWORK) {
            return Ok(Self::Network);
        }
        text.parse().map(Self::Colours).map_err(|_| UnknownOrigin { name: text.to_owned() })
    }
}

impl TryFrom<String> for PulseOrigin {
    type Error = UnknownOrigin;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        let all = PulseMethod::ALL.map(PulseOrigin::Colours);
        for origin in all.into_iter().chain([PulseOrigin::Network]) {
            assert_eq!(origin.as_str().to_lowercase().parse(), Ok(origin));
            let json = serde_json::to_string(&origin).expect("a name");
            assert_eq!(serde_json::from_str::<PulseOrigin>(&json).expect("a name"), origin);
        }
        let unknown = "ICA".parse::<PulseOrigin>().expect_err("there is none").to_string();
        assert_eq!(
            unknown,
            "no pulse method `ICA`; there are GREEN, CHROM, POS, LGI, OMIT, PBV, PCA, RED, BLUE, ME_RPPG"
        );
        // A method on an earlier tape.
        assert_eq!(
            serde_json::from_str::<PulseOrigin>("\"POS\"").expect("a name"),
            PulseOrigin::Colours(PulseMethod::Pos)
        );
    }
}
