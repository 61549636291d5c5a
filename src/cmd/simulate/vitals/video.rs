//! Recipes as videos.

use std::fs;
use std::path::{Path, PathBuf};

use crate::capture::{Encoding, VideoFile, decode_picture, read_picture};
use crate::cmd::Failure;
use crate::frame::{BBox, Image};
use crate::simulation::vitals::{Body, Codec, Film, Portrait, Recipe, files};

/// A rendered face of our own (`renders/face_pictures.py`, scene 281), and where its face is.
const FACE: &[u8] = include_bytes!("face.jpg");
const FACE_BOX: BBox = BBox { x: 119.0, y: 9.0, w: 124.0, h: 200.0 };
/// Quality of JPEG pictures.
const JPEG_QUALITY: u32 = 90;

/// Which face is filmed.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The face of a video")]
pub(super) struct FaceArgs {
    /// A picture of a face, front view, in place of the rendered one.
    #[arg(long, value_name = "PICTURE", requires_all = ["video", "face_box"])]
    face: Option<PathBuf>,
    /// Where the face is in it, hairline to chin, pixels.
    #[arg(long, value_name = "X,Y,W,H", value_parser = face_box, requires = "face")]
    face_box: Option<BBox>,
}

fn face_box(text: &str) -> Result<BBox, String> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse::<f64>()).collect();
    let bbox = match numbers.as_deref() {
        Ok(&[x, y, w, h]) => BBox { x, y, w, h },
        _ => return Err("is not left,top,width,height".to_owned()),
    };
    if bbox.is_valid() { Ok(bbox) } else { Err("has no area".to_owned()) }
}

impl FaceArgs {
    /// Reads the picture.
    pub(super) fn portrait(&self) -> Result<Portrait, Failure> {
        let mut image = Image::default();
        let face = match (&self.face, self.face_box) {
            (Some(path), Some(face)) => {
                read_picture(path, &mut image).map_err(Failure::input)?;
                face
            }
            _ => {
                decode_picture(FACE, &mut image).map_err(Failure::found)?;
                FACE_BOX
            }
        };
        match face.clipped(image.width, image.height) {
            Some(inside) if inside == face => Ok(Portrait { image, face }),
            _ => Err(Failure::Input(format!("--face-box reaches outside {} x {} pixels", image.width, image.height))),
        }
    }
}

/// Films a recipe into a folder: the video and `ground_truth.txt`. Gives what is true of it.
pub(super) fn make(folder: &Path, recipe: &Recipe, portrait: &Portrait) -> Result<Body, Failure> {
    let unwritable = |error: std::io::Error| Failure::Found(format!("{}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(unwritable)?;
    let mut film = Film::new(recipe, portrait);
    let encoding = match recipe.codec {
        Codec::Raw => Encoding::Lossless,
        Codec::Mjpeg => Encoding::Mjpeg(JPEG_QUALITY),
        Codec::Crf18 | Codec::Crf23 => Encoding::H264 {
            crf: recipe.codec.crf().unwrap_or_default(),
            keyframe_every: (recipe.keyframe_s * recipe.fps).round().max(1.0) as u32,
        },
    };
    let path = folder.join("vid").with_extension(encoding.extension());
    let mut video = VideoFile::create(&path, encoding, recipe.fps, film.size()).map_err(Failure::found)?;
    let mut image = Image::default();
    for number in 0..film.times().len() {
        film.draw(number, &mut image);
        video.append(&image).map_err(Failure::found)?;
    }
    video.finish().map_err(Failure::found)?;
    fs::write(folder.join("ground_truth.txt"), files::ubfc(film.times(), film.body())).map_err(unwritable)?;
    Ok(film.body().clone())
}
