//! UBFC-rPPG (Bobbia et al., Pattern Recognition Letters, 2017) and UBFC-Phys (Meziati Sabour et al., 2021).

use std::path::{Path, PathBuf};

use crate::evaluation::vitals::recording::Wave;
use crate::evaluation::vitals::truth::Reference;

/// Samples a second of UBFC-Phys's wristband.
const PHYS_HZ: f64 = 64.0;

/// The video beside a `ground_truth.txt`: `vid.avi`, or another container of our own recordings in this layout.
pub(super) fn video(folder: &Path) -> PathBuf {
    let names = ["vid.avi", "vid.mkv", "vid.mp4", "vid"].map(|name| folder.join(name));
    names.iter().find(|path| path.exists()).unwrap_or(&names[0]).clone()
}

/// `gtdump.xmp`: milliseconds, heart rate, oxygen saturation and wave, in lines. The video's own clock is right (it says 28.67 frames a
/// second, whatever others assume).
pub(super) fn first(text: &str) -> Result<Reference, String> {
    let mut pulse = Wave::default();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |at: usize| cells.get(at).and_then(|c| c.trim().parse::<f64>().ok()).filter(|v| v.is_finite());
        let (Some(ms), Some(value)) = (cell(0), cell(3)) else {
            return Err(format!("line {number}: not milliseconds, rate, saturation, wave"));
        };
        push(&mut pulse, 1e-3 * ms, value);
    }
    Ok(Reference { pulse, ..Reference::default() })
}

/// `ground_truth.txt`: wave, rate and seconds in three lines, a sample for each frame of the video. These are the true times of the
/// frames: the container's rate is wrong for most subjects (28.8 to 29.98, and 23.2 to 23.4 for three).
pub(super) fn second(text: &str) -> Result<Reference, String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let &[wave, _, times] = lines.as_slice() else {
        return Err(format!("{} lines in place of wave, rate and time", lines.len()));
    };
    let numbers = |line: &str, number: usize| -> Result<Vec<f64>, String> {
        let parsed = line.split_whitespace().map(|cell| cell.parse::<f64>().map_err(|_| cell));
        parsed.collect::<Result<_, _>>().map_err(|cell| format!("line {number}: `{cell}` is no number"))
    };
    let (wave, times) = (numbers(wave, 1)?, numbers(times, 3)?);
    if wave.len() != times.len() {
        return Err(format!("{} samples of the wave, {} times", wave.len(), times.len()));
    }
    let mut pulse = Wave::default();
    times.iter().zip(wave).for_each(|(t, value)| push(&mut pulse, *t, value));
    Ok(Reference { pulse, frame_times: Some(times), ..Reference::default() })
}

/// `bvp_sN_TM.csv`: one sample a line, 64 a second.
pub(super) fn phys(text: &str) -> Result<Reference, String> {
    let mut pulse = Wave::default();
    for (number, line) in (0..).zip(text.lines().filter(|line| !line.trim().is_empty())) {
        let cell = line.split(',').next().unwrap_or_default().trim();
        let value = cell.parse::<f64>().map_err(|_| format!("line {}: `{cell}` is no number", number + 1))?;
        push(&mut pulse, f64::from(number) / PHYS_HZ, value);
    }
    Ok(Reference { pulse, ..Reference::default() })
}

/// What was done in a task of UBFC-Phys.
pub(super) fn task(name: &str) -> Option<&'static str> {
    match name {
        "T1" => Some("rest"),
        "T2" => Some("speech"),
        "T3" => Some("arithmetic"),
        _ => None,
    }
}

/// Adds a sample; one whose time does not rise is passed over.
pub(super) fn push(wave: &mut Wave, t: f64, value: f64) {
    if wave.times.last().is_none_or(|last| t > *last) {
        wave.times.push(t);
        wave.values.push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_set_has_a_sample_a_frame() {
        let read = second("  1.0e+00  2.0e+00 3.0e+00\n 60 60 0\n 0.0 3.4e-02 6.9e-02\n").unwrap();
        assert_eq!(read.frame_times, Some(vec![0.0, 0.034, 0.069]));
        assert_eq!(read.pulse.values, [1.0, 2.0, 3.0]);
        assert_eq!(second("1 2\n3 4\n").unwrap_err(), "2 lines in place of wave, rate and time");
        assert_eq!(second("1 2\n3 4\n5\n").unwrap_err(), "2 samples of the wave, 1 times");
        assert_eq!(second("1 x\n3 4\n5 6\n").unwrap_err(), "line 1: `x` is no number");
    }

    #[test]
    fn the_first_set_and_phys_are_lines() {
        let read = first("0,71,97,30\n16,71,97,32\n16,71,97,33\n32,0,0,31\n").unwrap();
        assert_eq!((read.pulse.times, read.pulse.values), (vec![0.0, 0.016, 0.032], vec![30.0, 32.0, 31.0]));
        assert!(first("0,71,97\n").unwrap_err().starts_with("line 1"));
        assert_eq!(phys("1.5\n-2\n").unwrap().pulse.times, [0.0, 1.0 / 64.0]);
    }
}
