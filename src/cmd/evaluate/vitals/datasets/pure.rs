//! PURE (Stricker, Müller, Gross, IEEE Ro-Man 2014): pictures without loss, and nanoseconds for everything.

use serde_json::Value;

use super::ubfc::push;
use crate::evaluation::vitals::recording::Wave;
use crate::evaluation::vitals::truth::Reference;

/// The wave out of `/FullPackage` and the frames' times out of `/Image`, both counted from the first picture.
pub(super) fn read(text: &str) -> Result<Reference, String> {
    let whole: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let list = |key: &str| whole[key].as_array().ok_or_else(|| format!("no list `{key}`"));
    let stamp = |entry: &Value, key: &str| entry["Timestamp"].as_i64().ok_or_else(|| format!("{key}: no `Timestamp`"));
    let frames: Vec<i64> = list("/Image")?.iter().map(|entry| stamp(entry, "/Image")).collect::<Result<_, _>>()?;
    let first = *frames.first().ok_or("no picture in `/Image`")?;
    // Nanoseconds since 1970 are subtracted before they become a float, which could not hold them.
    let seconds = |at: i64| (at - first) as f64 * 1e-9;
    let mut samples = Vec::new();
    for entry in list("/FullPackage")? {
        let value = entry["Value"]["waveform"].as_f64().ok_or("/FullPackage: no `waveform`")?;
        samples.push((seconds(stamp(entry, "/FullPackage")?), value));
    }
    samples.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut pulse = Wave::default();
    samples.into_iter().for_each(|(t, value)| push(&mut pulse, t, value));
    Ok(Reference { pulse, respiration: None, frame_times: Some(frames.into_iter().map(seconds).collect()) })
}

/// What was done in a task.
pub(super) fn task(number: &str) -> Option<&'static str> {
    let names = ["steady", "talking", "slow_translation", "fast_translation", "small_rotation", "medium_rotation"];
    names.get(number.parse::<usize>().ok()?.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_keep_their_precision() {
        let text = r#"{"/FullPackage":[{"Timestamp":1392643993650000001,"Value":{"waveform":61}},
            {"Timestamp":1392643993633000001,"Value":{"waveform":60}}],"/Image":[{"Timestamp":1392643993640000001,"Value":{}}]}"#;
        let read = read(text).unwrap();
        assert_eq!(read.pulse.values, [60.0, 61.0]);
        assert!((read.pulse.times[0] + 0.007).abs() < 1e-12 && (read.pulse.times[1] - 0.010).abs() < 1e-12);
        assert_eq!(read.frame_times, Some(vec![0.0]));
        assert_eq!(super::read("{}").unwrap_err(), "no list `/Image`");
        assert_eq!([task("06"), task("07")], [Some("medium_rotation"), None]);
    }
}
