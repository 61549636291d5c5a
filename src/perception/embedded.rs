//! The models inside the binary.
//!
//! To add one: its entry in `models/manifest.toml` and one line here.

/// File name and bytes of every embedded model.
const EMBEDDED: &[(&str, &[u8])] = &[
    ("greenlane-face.onnx", include_bytes!("../../models/greenlane-face.onnx")),
    ("greenlane-face-int8.onnx", include_bytes!("../../models/greenlane-face-int8.onnx")),
    ("greenlane-person.onnx", include_bytes!("../../models/greenlane-person.onnx")),
    ("greenlane-person-int8.onnx", include_bytes!("../../models/greenlane-person-int8.onnx")),
    ("greenlane-person-256x416.onnx", include_bytes!("../../models/greenlane-person-256x416.onnx")),
    ("greenlane-person-256x416-int8.onnx", include_bytes!("../../models/greenlane-person-256x416-int8.onnx")),
    ("greenlane-person-416.onnx", include_bytes!("../../models/greenlane-person-416.onnx")),
    ("greenlane-person-416-int8.onnx", include_bytes!("../../models/greenlane-person-416-int8.onnx")),
];

/// Licence texts that are in the binary: that of our own models.
const LICENCES: &[(&str, &str)] = &[("greenlane_Apache-2.0.txt", include_str!("../../LICENSE"))];

fn find<T: ?Sized>(table: &[(&str, &'static T)], file: &str) -> Option<&'static T> {
    table.iter().find(|(name, _)| *name == file).map(|(_, content)| *content)
}

/// The bytes of an embedded model.
pub(super) fn embedded(file: &str) -> Option<&'static [u8]> {
    find(EMBEDDED, file)
}

/// A licence text that is in the binary.
pub(super) fn embedded_licence(file: &str) -> Option<&'static str> {
    find(LICENCES, file)
}
