//! Recordings, whole and damaged: what comes out, when, and what is said about the rest.

use std::fs;
use std::path::Path;

use greenlane::capture::{
    self, CaptureError, FrameSource, FrameStamp, OpenOptions, PacketReader, SourceKind, StreamClock,
};
use greenlane::config::SourceUrl;
use greenlane::frame::Image;

use crate::support::video::{self, Clip};
use crate::support::{footage, shared};

/// H.264 in a transport stream. OpenCV prints that transport streams know no such code, and writes H.264.
const TRANSPORT_H264: [char; 4] = ['H', '2', '6', '4'];

fn open(path: &Path) -> Result<Box<dyn FrameSource>, CaptureError> {
    capture::open(&SourceUrl::new(path.to_str().expect("UTF-8")), &OpenOptions::default())
}

/// Grabs and retrieves to the end.
fn all(source: &mut dyn FrameSource) -> Result<Vec<FrameStamp>, CaptureError> {
    let mut image = Image::default();
    let mut stamps = Vec::new();
    while let Some(stamp) = source.grab()? {
        source.retrieve(&mut image)?;
        let info = source.describe();
        assert_eq!((image.width, image.height), (info.width, info.height));
        assert_eq!(image.bgr.len(), 3 * image.width as usize * image.height as usize);
        stamps.push(stamp);
    }
    assert!(source.grab()?.is_none(), "the end is the end");
    Ok(stamps)
}

/// Overwrites the middle of a file, deterministically.
fn damage(path: &Path, bytes: usize) {
    let mut data = fs::read(path).expect("read");
    let middle = data.len() / 2;
    for (i, byte) in data[middle..middle + bytes].iter_mut().enumerate() {
        *byte = (i.wrapping_mul(2_654_435_761) >> 7) as u8;
    }
    fs::write(path, data).expect("written");
}

fn cut(path: &Path, keep: f64) {
    let data = fs::read(path).expect("read");
    fs::write(path, &data[..(data.len() as f64 * keep) as usize]).expect("written");
}

#[test]
fn every_container_gives_every_frame_at_its_time() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, fourcc, codec, fps) in [
        ("a.avi", ['M', 'J', 'P', 'G'], "mjpeg", 25.0),
        ("b.avi", ['X', 'V', 'I', 'D'], "xvid", 12.5),
        ("c.mp4", ['a', 'v', 'c', '1'], "h264", 30.0),
        ("d.mkv", ['X', '2', '6', '4'], "h264", 20.0),
        ("e.ts", TRANSPORT_H264, "h264", 25.0),
        ("f.mp4", ['m', 'p', '4', 'v'], "mp4v", 10.0),
    ] {
        let path = video::write(folder.path(), name, fourcc, Clip { fps, frames: 50, ..Clip::default() });
        let mut source = open(&path).expect(name);
        let info = source.describe();
        assert_eq!((info.kind, info.live, info.codec.as_deref()), (SourceKind::File, false, Some(codec)), "{name}");
        let stamps = all(source.as_mut()).expect(name);
        assert_eq!(stamps.len(), 50, "{name}");
        for (i, stamp) in stamps.iter().enumerate() {
            assert_eq!(stamp.sequence, i as u64 + 1, "{name}");
            let due = i as f64 / fps;
            assert!((stamp.media_time.seconds() - due).abs() < 1.1e-3, "{name}: frame {i} at {:?}", stamp.media_time);
        }
        assert!(!source.health().is_degraded(), "{name}: {:?}", source.health());
        assert_eq!(source.describe().clock, StreamClock::Timestamps, "{name}");
    }
}

#[test]
fn the_footage_has_795_frames_at_ten_a_second() {
    let Some(path) = footage() else { return };
    let mut source = open(&path).expect("opened");
    let mut last = None;
    while let Some(stamp) = source.grab().expect("grabbed") {
        last = Some(stamp);
    }
    let last = last.expect("frames");
    assert_eq!((last.sequence, last.media_time.seconds()), (795, 79.4));
    assert!(!source.health().is_degraded());
    let mut packets = PacketReader::open(&SourceUrl::new(path.to_str().expect("UTF-8")), &OpenOptions::default())
        .expect("opened")
        .expect("packets");
    let (mut keys, mut number) = (Vec::new(), 0);
    while let Some(packet) = packets.next_packet().expect("read") {
        number += 1;
        assert!(packet.bytes > 0);
        if packet.key {
            keys.push(number);
        }
    }
    assert_eq!((number, keys), (795, vec![1, 251, 501, 751]));
}

#[test]
fn a_stated_rate_stands_in_for_the_files_own_times() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = video::write(folder.path(), "a.avi", ['M', 'J', 'P', 'G'], Clip { fps: 10.0, ..Clip::default() });
    let options = OpenOptions { fps: Some(8.0), ..OpenOptions::default() };
    let mut source = capture::open(&SourceUrl::new(path.to_str().expect("UTF-8")), &options).expect("opened");
    for (i, stamp) in all(source.as_mut()).expect("frames").iter().enumerate() {
        assert_eq!(stamp.media_time.seconds(), i as f64 / 8.0);
    }
    assert_eq!(source.describe().clock, StreamClock::Stated { fps: 8.0 });
}

#[test]
fn variable_frame_rates_keep_their_times() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = video::write(folder.path(), "vfr.mkv", ['M', 'J', 'P', 'G'], Clip { fps: 50.0, ..Clip::default() });
    let moved = move_matroska_clusters(&path, |millis| if millis >= 400 { millis + 1000 } else { millis });
    assert!(moved > 5, "{moved} clusters");
    let mut source = open(&path).expect("opened");
    let times: Vec<f64> = all(source.as_mut()).expect("read").iter().map(|s| s.media_time.seconds()).collect();
    assert_eq!(times.len(), 60);
    for (i, time) in times.iter().enumerate() {
        let due = i as f64 / 50.0;
        assert!((time - due).abs() < 1e-3 || (due >= 0.4 && (time - due - 1.0).abs() < 1e-3), "{times:?}");
    }
    assert!((times[59] - 2.18).abs() < 1e-3, "{times:?}");
    let longest = times.windows(2).map(|w| w[1] - w[0]).fold(0.0, f64::max);
    assert!((longest - 1.02).abs() < 1e-3, "one gap in {times:?}");
    assert!(!source.health().is_degraded(), "{:?}", source.health());
}

/// Rewrites the times of all clusters (RFC 9559, 5.1.3) that take two bytes, which those from 256 ms on do.
fn move_matroska_clusters(path: &Path, change: impl Fn(u16) -> u16) -> usize {
    let mut data = fs::read(path).expect("read");
    let mut count = 0;
    for at in 0..data.len() - 16 {
        if !data[at..].starts_with(&[0x1f, 0x43, 0xb6, 0x75]) {
            continue;
        }
        let Some(time) = data[at + 5..at + 14].windows(2).position(|w| w == [0xe7, 0x82]) else { continue };
        let time = at + 5 + time + 2;
        let moved = change(u16::from_be_bytes([data[time], data[time + 1]]));
        data[time..time + 2].copy_from_slice(&moved.to_be_bytes());
        count += 1;
    }
    fs::write(path, data).expect("written");
    count
}

#[test]
fn small_and_huge_pictures_work() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, fourcc, width, height) in [
        ("small.avi", ['M', 'J', 'P', 'G'], 16, 16),
        ("small.mp4", ['a', 'v', 'c', '1'], 16, 16),
        ("huge.avi", ['M', 'J', 'P', 'G'], 7680, 4320),
        ("huge.mp4", ['a', 'v', 'c', '1'], 7680, 4320),
    ] {
        let path = video::write(folder.path(), name, fourcc, Clip { width, height, fps: 10.0, frames: 3 });
        let mut source = open(&path).expect(name);
        let mut image = Image::default();
        let mut frames = 0;
        while source.grab().expect(name).is_some() {
            source.retrieve(&mut image).expect(name);
            assert_eq!((image.width, image.height), (width, height), "{name}");
            frames += 1;
        }
        assert_eq!(frames, 3, "{name}");
    }
}

#[test]
fn what_is_no_video_is_said_to_be_none() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let at = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("written");
        path
    };
    let noise: Vec<u8> = (0..100_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let text = "Passengers walk from the gate to the hall.\n".repeat(200);
    let whole = video::h264(folder.path(), Clip::default());
    let headless = at("cut.mp4", &fs::read(&whole).expect("read")[..2000]);
    for (path, expected) in [
        (at("empty.avi", b""), "the file is empty"),
        (at("text.avi", text.as_bytes()), "not a video"),
        (at("text.txt", text.as_bytes()), "a text file"),
        (at("noise.mp4", &noise), "not a video"),
        (headless, "not a video"),
        (folder.path().join("missing.avi"), "no such file"),
        (Path::new("/dev/null").to_owned(), "not a video capture device"),
        (Path::new("/dev/video987").to_owned(), "no such file, folder or device"),
    ] {
        let error = open(&path).err().unwrap_or_else(|| panic!("{} opened", path.display())).to_string();
        assert!(error.contains(expected) && error.contains(path.to_str().expect("UTF-8")), "{error}");
    }
}

#[test]
fn a_cut_recording_ends_early_and_says_so() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, fourcc) in [("cut.avi", ['M', 'J', 'P', 'G']), ("cut.mkv", ['X', '2', '6', '4'])] {
        let path = video::write(folder.path(), name, fourcc, Clip::default());
        cut(&path, 0.5);
        let mut source = open(&path).expect(name);
        let frames = all(source.as_mut()).expect(name).len() as u64;
        let health = source.health();
        let early = health.ended_early.unwrap_or_else(|| panic!("{name}: {health:?}"));
        assert_eq!((early.frames, early.claimed), (frames, 60), "{name}");
        assert!((10..40).contains(&frames), "{name}: {frames}");
        assert!(health.is_degraded());
    }
}

#[test]
fn damage_in_the_middle_is_counted_and_passed_over() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, fourcc) in
        [("hurt.mp4", ['a', 'v', 'c', '1']), ("hurt.avi", ['M', 'J', 'P', 'G']), ("hurt.ts", TRANSPORT_H264)]
    {
        let path = video::write(folder.path(), name, fourcc, Clip { frames: 120, ..Clip::default() });
        let size = fs::metadata(&path).expect("there").len();
        damage(&path, size as usize / 20);
        let mut source = open(&path).expect(name);
        let stamps = all(source.as_mut()).expect(name);
        let health = source.health();
        let last = stamps.last().expect("frames").media_time.seconds();
        assert!(last > 119.0 / 25.0 - 0.3, "{name}: it goes on behind the damage, to {last} s");
        assert!(stamps.len() > 80, "{name}: {} frames", stamps.len());
        if stamps.len() < 110 {
            assert!(health.is_degraded(), "{name}: {} frames, {health:?}", stamps.len());
        }
    }
}

#[test]
fn a_change_of_size_in_a_recording_is_an_error_with_the_frame() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let small = video::write(folder.path(), "small.ts", TRANSPORT_H264, Clip::default());
    let large = Clip { width: 640, height: 480, ..Clip::default() };
    let large = video::write(folder.path(), "large.ts", TRANSPORT_H264, large);
    let both = folder.path().join("both.ts");
    for (first, second, expected) in
        [(&small, &large, ((320, 240), (640, 480))), (&large, &small, ((640, 480), (320, 240)))]
    {
        fs::write(&both, [fs::read(first).expect("read"), fs::read(second).expect("read")].concat()).expect("written");
        let mut source = open(&both).expect("opened");
        let mut frames = 0;
        let error = loop {
            match source.grab() {
                Ok(stamp) => frames = stamp.expect("an error comes first").sequence,
                Err(error) => break error,
            }
        };
        assert!(
            matches!(error, CaptureError::SizeChanged { frame: 61, from, to, .. } if (from, to) == expected),
            "{error}"
        );
        assert_eq!(frames, 60);
        assert!(source.grab().expect("over").is_none());
    }
    fs::write(&both, fs::read(&small).expect("read").repeat(2)).expect("written");
    assert!(all(open(&both).expect("opened").as_mut()).is_ok(), "the same size twice is no change");
}

fn pictures(folder: &Path, sizes: &[(u32, u32)]) {
    fs::create_dir_all(folder).expect("made");
    for (i, &(width, height)) in sizes.iter().enumerate() {
        let clip = Clip { width, height, frames: 1, ..Clip::default() };
        let video = video::mjpeg(folder, clip);
        let data = fs::read(&video).expect("read");
        let start = data.windows(3).position(|w| w == [0xff, 0xd8, 0xff]).expect("a picture");
        let end = start + data[start..].windows(2).position(|w| w == [0xff, 0xd9]).expect("its end") + 2;
        fs::write(folder.join(format!("{:06}.jpg", i + 1)), &data[start..end]).expect("written");
        fs::remove_file(video).expect("removed");
    }
}

#[test]
fn folders_are_read_in_name_order() {
    let root = tempfile::tempdir().expect("temporary folder");
    let inner = root.path().join("img1");
    pictures(&inner, &[(64, 48), (64, 48), (32, 16)]);
    fs::write(inner.join("._000001.jpg"), b"junk of another system").expect("written");
    fs::write(inner.join("notes.txt"), b"no picture").expect("written");

    let plain = all(open(root.path()).expect("opened").as_mut()).expect("read");
    let times = |stamps: &[FrameStamp]| stamps.iter().map(|s| s.media_time.seconds()).collect::<Vec<_>>();
    assert_eq!(times(&plain), [0.0, 0.04, 0.08]);
    assert_eq!(open(root.path()).expect("opened").describe().clock, StreamClock::Assumed { fps: 25.0 });

    fs::write(root.path().join("seqinfo.ini"), "[Sequence]\nname=x\nimDir=img1\nframeRate=10\n").expect("written");
    for folder in [root.path(), inner.as_path()] {
        let mut source = open(folder).expect("opened");
        assert_eq!(times(&all(source.as_mut()).expect("read")), [0.0, 0.1, 0.2]);
        let info = source.describe();
        assert_eq!((info.kind, info.clock), (SourceKind::Folder, StreamClock::SequenceInfo { fps: 10.0 }));
        assert_eq!((info.width, info.height, info.frames_claimed), (32, 16, Some(3)));
    }

    fs::write(root.path().join("seqinfo.ini"), "[Sequence]\nframeRate=fast\n").expect("written");
    let error = open(root.path()).err().expect("refused").to_string();
    assert!(error.contains("seqinfo.ini: frameRate: \"fast\""), "{error}");
}

#[test]
fn a_bad_picture_costs_one_frame() {
    let root = tempfile::tempdir().expect("temporary folder");
    pictures(root.path(), &[(64, 48); 3]);
    fs::write(root.path().join("000002.jpg"), b"not a picture").expect("written");
    let mut source = open(root.path()).expect("opened");
    let mut image = Image::default();
    let mut outcomes = Vec::new();
    while source.grab().expect("grabbed").is_some() {
        outcomes.push(source.retrieve(&mut image).map_err(|e| e.to_string()));
    }
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
    let error = outcomes[1].as_ref().expect_err("the bad one");
    assert!(error.contains("frame 2") && error.contains("000002.jpg"), "{error}");
    assert_eq!((source.health().frames, source.health().undecodable), (3, 1));
}

#[test]
fn a_folder_without_pictures_is_refused() {
    let root = tempfile::tempdir().expect("temporary folder");
    fs::write(root.path().join("readme.txt"), b"nothing here").expect("written");
    assert!(matches!(open(root.path()), Err(CaptureError::NoPictures { .. })));
}

#[test]
fn real_pictures_are_read() {
    let Some(folder) = shared().map(|s| s.join("data/cctv-person/images")) else { return };
    let mut source = open(&folder).expect("opened");
    let frames = all(source.as_mut()).expect("read").len() as u64;
    assert_eq!(Some(frames), source.describe().frames_claimed);
}
