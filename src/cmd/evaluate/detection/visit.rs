//! The pictures of a set, one after the other, from files and videos.

use std::path::Path;

use super::sets::{Labelled, LabelledSet, Place};
use crate::capture::{self, FrameSource, OpenOptions, read_picture};
use crate::cmd::Failure;
use crate::config::SourceUrl;
use crate::frame::Image;

/// Reads the pictures with the numbers in `wanted` (ascending) and hands each to `look` with its number.
///
/// # Errors
/// A picture or frame that cannot be read, with its file; what `look` gives.
pub fn visit(
    set: &LabelledSet,
    wanted: &[usize],
    mut look: impl FnMut(usize, &Image) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut image = Image::default();
    let mut video: Option<Video> = None;
    for number in wanted {
        let Some(Labelled { place, .. }) = set.pictures.get(*number) else { continue };
        match place {
            Place::File(path) => read_picture(path, &mut image).map_err(Failure::input)?,
            Place::Frame(path, frame) => {
                let mut open = match video.take().filter(|video| video.path == *path && video.at < *frame) {
                    Some(open) => open,
                    None => Video::open(path)?,
                };
                open.read(*frame, &mut image)?;
                video = Some(open);
            }
        }
        look(*number, &image)?;
    }
    Ok(())
}

/// A video, read forward.
struct Video {
    path: std::path::PathBuf,
    source: Box<dyn FrameSource>,
    at: u64,
}

impl Video {
    fn open(path: &Path) -> Result<Self, Failure> {
        let url = SourceUrl::new(&path.to_string_lossy());
        let source = capture::open(&url, &OpenOptions::default()).map_err(Failure::input)?;
        Ok(Self { path: path.to_owned(), source, at: 0 })
    }

    fn read(&mut self, frame: u64, image: &mut Image) -> Result<(), Failure> {
        while self.at < frame {
            match self.source.grab().map_err(Failure::input)? {
                Some(stamp) => self.at = stamp.sequence,
                None => {
                    let (path, last) = (self.path.display(), self.at);
                    return Err(Failure::Input(format!(
                        "{path}: ends after frame {last}, but frame {frame} is labelled"
                    )));
                }
            }
        }
        self.source.retrieve(image).map_err(Failure::input)
    }
}
