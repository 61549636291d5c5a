//! Stills that an edge sent: looked at before they are shown.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::wire::v1;

/// Largest still shown, bytes.
const BYTES_MAX: usize = 512 << 10;
/// Widest and highest still shown, pixels.
const SIDE_MAX: u32 = 4_096;
/// Most stills shown.
const STILLS_MAX: usize = 16;

/// A still that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Still {
    /// For `src`.
    pub url: String,
    /// When it was captured, UTC microseconds.
    pub at: Option<i64>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// The stills that may be shown, and how many were refused.
#[must_use]
pub fn checked(pictures: &[v1::EvidencePicture]) -> (Vec<Still>, usize) {
    let shown: Vec<Still> = pictures.iter().filter_map(still).take(STILLS_MAX).collect();
    let refused = pictures.len() - shown.len();
    (shown, refused)
}

fn still(picture: &v1::EvidencePicture) -> Option<Still> {
    let v1::EvidencePicture { capture_time, jpeg, width, height } = picture;
    let is_jpeg = jpeg.starts_with(&[0xff, 0xd8, 0xff]);
    let fits = jpeg.len() <= BYTES_MAX && (1..=SIDE_MAX).contains(width) && (1..=SIDE_MAX).contains(height);
    (is_jpeg && fits).then(|| Still {
        url: format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg)),
        at: capture_time.map(|t| t.unix_micros),
        width: *width,
        height: *height,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(bytes: usize, start: [u8; 3], width: u32) -> v1::EvidencePicture {
        let mut jpeg = vec![0; bytes];
        jpeg[..3].copy_from_slice(&start);
        v1::EvidencePicture { capture_time: None, jpeg, width, height: 360 }
    }

    #[test]
    fn what_is_too_large_or_no_picture_is_refused() {
        const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];
        for (picture, shown) in [
            (picture(1_000, JPEG, 640), true),
            (picture(BYTES_MAX, JPEG, SIDE_MAX), true),
            (picture(BYTES_MAX + 1, JPEG, 640), false),
            (picture(1_000, JPEG, SIDE_MAX + 1), false),
            (picture(1_000, JPEG, 0), false),
            (picture(1_000, *b"<sv", 640), false),
        ] {
            assert_eq!(
                checked(std::slice::from_ref(&picture)).1 == 0,
                shown,
                "{} {}",
                picture.jpeg.len(),
                picture.width
            );
        }
        let (shown, refused) = checked(&vec![picture(1_000, JPEG, 640); 40]);
        assert_eq!((shown.len(), refused), (STILLS_MAX, 24));
    }
}
