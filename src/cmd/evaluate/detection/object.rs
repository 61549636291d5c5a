//! What is to be found, and which labels mean it.

use crate::evaluation::detection::TruthKind;
use crate::frame::ObjectClass;

/// What is to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Object {
    /// People.
    Person,
    /// Bags of any kind.
    Bag,
    /// Faces.
    Face,
}

impl Object {
    /// Whether a model's class is it.
    pub fn is(self, class: ObjectClass) -> bool {
        match self {
            Self::Person => class == ObjectClass::Person,
            Self::Bag => class.is_bag(),
            Self::Face => class == ObjectClass::Face,
        }
    }

    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Bag => "bag",
            Self::Face => "face",
        }
    }

    /// The class of label files that means it, where nothing else is said.
    fn usual_class(self) -> u32 {
        u32::from(self == Self::Bag)
    }
}

/// What the class numbers of label files mean.
#[derive(Debug, Clone)]
pub struct LabelRules {
    /// What is to be found.
    pub object: Object,
    /// How many classes there are.
    pub classes: u32,
    counted: Vec<u32>,
    ignored: Vec<u32>,
}

impl LabelRules {
    /// `counted`: the classes that are to be found; empty for the usual one. `ignored`: regions in which nothing is false.
    pub fn new(object: Object, classes: u32, counted: &[u32], ignored: &[u32]) -> Self {
        let counted = if counted.is_empty() { vec![object.usual_class()] } else { counted.to_vec() };
        Self { object, classes, counted, ignored: ignored.to_vec() }
    }

    /// What a label of this class means; `None` for nothing.
    pub fn kind(&self, class: u32) -> Option<TruthKind> {
        if self.ignored.contains(&class) {
            return Some(TruthKind::Region);
        }
        self.counted.contains(&class).then_some(TruthKind::Counted)
    }
}
