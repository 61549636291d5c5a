//! Pulse and breathing waves of real faces, as another project extracted them: our readout against that project's own figures.

use std::fs;

use greenlane::biosignal::detrend::detrend;
use greenlane::biosignal::filter::Band;
use greenlane::biosignal::readout::{padded_periodogram, peak_frequency};
use greenlane::biosignal::respiration::{BreathSource, common_rate};
use greenlane::biosignal::spectrum::Spectrometer;
use serde_json::Value;

use super::support;

/// Band and smoothness of the detrending of a pulse wave, as the chain has them.
const PULSE: (Band, f64) = (Band { low_hz: 0.65, high_hz: 3.6 }, 100.0);

struct File {
    name: String,
    rate_hz: f64,
    pulse: Vec<f64>,
    breath: Vec<f64>,
    heart_rate: f64,
    respiratory_rate: f64,
}

fn read(path: &std::path::Path) -> File {
    let value: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let wave = |name: &str| -> Vec<f64> {
        let data = value["waveforms"][name]["data"].as_array().unwrap();
        data.iter().map(|v| v.as_f64().unwrap()).collect()
    };
    File {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        rate_hz: value["fps"].as_f64().unwrap(),
        pulse: wave("ppg_waveform"),
        breath: wave("respiratory_waveform"),
        heart_rate: value["vitals"]["heart_rate"]["value"].as_f64().unwrap(),
        respiratory_rate: value["vitals"]["respiratory_rate"]["value"].as_f64().unwrap(),
    }
}

#[test]
fn rates_are_within_one_a_minute_of_the_files_own() {
    let Some(shared) = support::shared() else { return };
    let folder = shared.join("data/vitals-waveforms");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
    paths.sort();
    assert!(!paths.is_empty());
    let mut spectrometer = Spectrometer::default();
    let mut far = Vec::new();
    for file in paths.iter().map(|path| read(path)) {
        let spectrum = padded_periodogram(&mut spectrometer, &detrend(&file.pulse, PULSE.1), file.rate_hz);
        let pulse = 60.0 * peak_frequency(&spectrum, PULSE.0).unwrap();
        let breath = common_rate(&mut spectrometer, BreathSource::Movement, &[file.breath], file.rate_hz).unwrap().rate;
        let line =
            format!("{}: {pulse:.2} for {}, {breath:.2} for {}", file.name, file.heart_rate, file.respiratory_rate);
        println!("{line}");
        if (pulse - file.heart_rate).abs() > 1.0 || (breath - file.respiratory_rate).abs() > 1.0 {
            far.push(line);
        }
    }
    assert!(far.is_empty(), "{far:#?}");
}
