//! Reads a recording's encoded pictures in step with its decoded ones, for what the decoder does not tell.
//!
//! *Keyframes*: `OpenCV` 4.6 names them only where it does not decode. Packets come in decoding order, so behind an open
//! group of pictures a keyframe is told a few frames, its leading B-frames, early.
//!
//! *A change of size*: `OpenCV` 4.6 goes on with the size it began with: after a change to a larger picture it repeats the
//! last one for ever, after a change to a smaller one it shows noise. So we look at the size that each picture states.

use std::ffi::OsString;

use super::packets::PacketReader;
use super::picture_size;

/// Codecs whose pictures refer to one another.
const PREDICTIVE: [&str; 8] = ["h264", "hevc", "mpeg4", "xvid", "fmp4", "mp4v", "divx", "mpeg2"];

/// Width and height.
type Size = (u32, u32);

/// A second reader of the same file, at the same frame.
pub(super) struct PacketWatch {
    reader: PacketReader,
    codec: String,
    read: u64,
    size: Option<Size>,
    keyframe: bool,
}

impl PacketWatch {
    /// For a file whose codec states sizes in its pictures, or keyframes; `None` for others.
    pub(super) fn open(url: &OsString, codec: Option<&str>) -> Option<Self> {
        codec.filter(|codec| picture_size::is_known(codec) || PREDICTIVE.contains(codec))?;
        let reader = PacketReader::open_raw(url, None).ok().flatten()?;
        let codec = reader.codec()?;
        Some(Self { reader, codec, read: 0, size: None, keyframe: false })
    }

    /// Reads up to frame number `frame`, and says what its size changes from and to, if it does.
    pub(super) fn change_at(&mut self, frame: u64) -> Option<(Size, Size)> {
        self.keyframe = false;
        while self.read < frame {
            self.keyframe = self.reader.step().ok().flatten()?;
            self.read += 1;
            let stated = self.keyframe.then(|| picture_size::stated(&self.codec, self.reader.payload())).flatten();
            let Some(size) = stated else { continue };
            if let Some(before) = self.size.replace(size).filter(|&before| before != size) {
                return Some((before, size));
            }
        }
        None
    }

    /// Whether the frame read up to is a keyframe among others that are not.
    pub(super) fn is_keyframe(&self) -> bool {
        self.keyframe && PREDICTIVE.contains(&self.codec.as_str())
    }
}
