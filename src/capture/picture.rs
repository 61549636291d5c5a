//! Single pictures: read from files, and parts of them as JPEG for pages that people read.

use std::fs;
use std::path::{Path, PathBuf};

use opencv::core::{Mat, Rect, Size, Vec3b, Vector};
use opencv::prelude::*;
use opencv::{imgcodecs, imgproc};

use super::{CaptureError, library};
use crate::frame::{BBox, Image};

/// File name endings of pictures.
const EXTENSIONS: [&str; 8] = ["jpg", "jpeg", "png", "bmp", "tif", "tiff", "webp", "ppm"];
/// The same, for messages.
pub(super) const EXTENSIONS_TEXT: &str = "jpg, jpeg, png, bmp, tif, tiff, webp, ppm";
/// Quality of JPEG files, of 100.
const JPEG_QUALITY: i32 = 80;

/// Reads a picture into `image`, reusing its memory.
///
/// # Errors
/// The file's name, and why it is no picture.
pub fn read_picture(path: &Path, image: &mut Image) -> Result<(), CaptureError> {
    library::prepare();
    decode_file(path, image)
        .map_err(|reason| CaptureError::Unreadable { source_name: path.display().to_string(), reason })
}

/// As [`read_picture`], with the reason alone.
pub(super) fn decode_file(path: &Path, image: &mut Image) -> Result<(), String> {
    match fs::read(path) {
        Ok(bytes) if bytes.is_empty() => Err("the file is empty".to_owned()),
        Ok(bytes) => decode_picture(&bytes, image),
        Err(error) => Err(error.to_string()),
    }
}

/// Decodes the bytes of a picture's file into `image`, reusing its memory.
///
/// # Errors
/// Why they are no picture.
pub fn decode_picture(bytes: &[u8], image: &mut Image) -> Result<(), String> {
    let bytes = Vector::from_slice(bytes);
    // Not `imdecode_to`: it leaves its target as it was when the bytes are no picture, and does not say so.
    let decoded = imgcodecs::imdecode(&bytes, imgcodecs::IMREAD_COLOR).and_then(|picture| {
        let size = (picture.cols().unsigned_abs(), picture.rows().unsigned_abs());
        library::decode_into(image, size, |mat| {
            picture.copy_to(mat)?;
            Ok(!picture.empty())
        })
    });
    match decoded {
        Ok(true) => Ok(()),
        Ok(false) => Err("not a picture".to_owned()),
        Err(error) => Err(error.message),
    }
}

/// The pictures in a folder, by name.
///
/// # Errors
/// When the folder cannot be read, or holds none.
pub fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, CaptureError> {
    let unreadable = |e: std::io::Error| CaptureError::Unreadable {
        source_name: folder.display().to_string(),
        reason: e.to_string(),
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if is_picture(&path) {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(CaptureError::NoPictures { folder: folder.to_owned(), extensions: EXTENSIONS_TEXT });
    }
    files.sort();
    Ok(files)
}

pub(super) fn extension(path: &Path) -> Option<String> {
    path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase())
}

/// By its name, and not hidden: copies from a Mac bring `._000001.jpg` along.
fn is_picture(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
    !hidden && extension(path).is_some_and(|e| EXTENSIONS.contains(&e.as_str())) && path.is_file()
}

/// The part of `image` in `view` as a JPEG file, its longer side at most `side_max` pixels. Returns the file and the part
/// that it shows, in whole pixels; `None` where `view` does not touch the picture.
///
/// # Errors
/// When OpenCV refuses the picture.
pub fn jpeg_of(image: &Image, view: &BBox, side_max: u32) -> Result<Option<(Vec<u8>, BBox)>, CaptureError> {
    let Some(part) = view.clipped(image.width, image.height) else { return Ok(None) };
    let [x, y] = [part.x.floor(), part.y.floor()];
    let [right, bottom] = [part.right().ceil(), part.bottom().ceil()];
    let shown = BBox::from_corners(x, y, right, bottom);
    let file = encoded(image, &shown, side_max)
        .map_err(|e| CaptureError::Unreadable { source_name: "a part of a picture".to_owned(), reason: e.message })?;
    Ok(Some((file, shown)))
}

fn encoded(image: &Image, part: &BBox, side_max: u32) -> opencv::Result<Vec<u8>> {
    let whole = Mat::new_rows_cols_with_bytes::<Vec3b>(image.height as i32, image.width as i32, &image.bgr)?;
    let cut = Mat::roi(&whole, Rect::new(part.x as i32, part.y as i32, part.w as i32, part.h as i32))?;
    let scale = (f64::from(side_max) / part.w.max(part.h)).min(1.0);
    let size = Size::new(((part.w * scale) as i32).max(1), ((part.h * scale) as i32).max(1));
    let mut small = Mat::default();
    imgproc::resize(&cut, &mut small, size, 0.0, 0.0, imgproc::INTER_AREA)?;
    let mut bytes = Vector::<u8>::new();
    let quality = Vector::from_slice(&[imgcodecs::IMWRITE_JPEG_QUALITY, JPEG_QUALITY]);
    imgcodecs::imencode(".jpg", &small, &mut bytes, &quality)?;
    Ok(bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_becomes_a_small_picture() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut image = Image::filled(200, 100, [10, 20, 30]);
        image.bgr.chunks_exact_mut(600).for_each(|row| row[300..].fill(200));
        let view = BBox { x: 150.0, y: -20.0, w: 100.0, h: 100.0 };
        let (file, shown) = jpeg_of(&image, &view, 40).expect("encoded").expect("inside");
        assert_eq!(shown, BBox { x: 150.0, y: 0.0, w: 50.0, h: 80.0 });
        let path = folder.path().join("part.jpg");
        fs::write(&path, file).expect("written");
        let mut read = Image::default();
        read_picture(&path, &mut read).expect("a picture");
        assert_eq!((read.width, read.height), (25, 40));
        assert!(read.bgr.iter().all(|v| v.abs_diff(200) < 4));
        assert_eq!(jpeg_of(&image, &BBox { x: 300.0, ..view }, 40).expect("nothing to do"), None);
    }

    #[test]
    fn what_is_no_picture_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("broken.jpg");
        for (bytes, reason) in [(&b""[..], "the file is empty"), (b"no picture at all", "not a picture")] {
            fs::write(&path, bytes).expect("written");
            let fault = read_picture(&path, &mut Image::default()).expect_err("no picture").to_string();
            assert!(fault.contains("broken.jpg") && fault.ends_with(reason), "{fault}");
        }
        assert!(pictures_in(&folder.path().join("nowhere")).is_err());
    }
}
