//! LGI-PPGI (Pilz et al., CVPRW 2018): a wave without times, and the times of the frames.

use roxmltree::Document;

use super::ubfc::push;
use crate::evaluation::vitals::recording::Wave;
use crate::evaluation::vitals::truth::Reference;

/// Samples a second of the oximeter.
const SAMPLES_HZ: f64 = 60.0;

/// `cms50_stream_handler.xml` holds `value0`, `value1`, ... each with a count, a rate and a sample of the wave as its own `value0` to
/// `value2`; the timer's holds the frames' milliseconds as `value1`. Oximeter and camera stop together and the oximeter starts
/// first, so the waves are joined at their ends (as pyVHR joins them).
pub(super) fn read(oximeter: &str, timer: Option<&str>) -> Result<Reference, String> {
    let samples = column(oximeter, "value2")?;
    let frames: Option<Vec<f64>> =
        timer.map(|text| column(text, "value1")).transpose()?.map(|ms| ms.iter().map(|ms| 1e-3 * ms).collect());
    let end = frames.as_ref().and_then(|times| times.last().copied());
    let start = end.map_or(0.0, |end| end - samples.len() as f64 / SAMPLES_HZ);
    if start > 0.5 {
        return Err(format!("the wave begins {start:.1} s after the video"));
    }
    let mut pulse = Wave::default();
    for (i, value) in samples.iter().enumerate() {
        let t = start + i as f64 / SAMPLES_HZ;
        if t >= -1e-9 {
            push(&mut pulse, t, *value);
        }
    }
    Ok(Reference { pulse, respiration: None, frame_times: frames })
}

/// The numbers in the innermost elements of a name, in order.
fn column(text: &str, name: &str) -> Result<Vec<f64>, String> {
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let leaves =
        document.descendants().filter(|node| node.has_tag_name(name) && !node.children().any(|c| c.is_element()));
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| format!("{name}: `{text}` is no number"));
    leaves.map(|node| number(node.text().unwrap_or_default())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_joined_and_outer_elements_of_the_same_name_passed_over() {
        let row = |i: u32, value: u32| {
            format!("<value{i}>\n<value0>{i}</value0><value1>70</value1><value2>{value}</value2>\n</value{i}>")
        };
        let rows: String = (0..120).map(|i| row(i, 100 + i)).collect();
        let timer: String = (0..26).map(|i| format!("<value{i}><value1>{}</value1></value{i}>", 40 * i)).collect();
        let wrap = |inner: &str| format!("<?xml version=\"1.0\"?>\n<root>{inner}</root>");
        let read = read(&wrap(&rows), Some(&wrap(&timer))).unwrap();
        assert_eq!(read.frame_times.as_ref().map(Vec::len), Some(26));
        assert_eq!((read.pulse.values.len(), read.pulse.values[0]), (60, 160.0));
        assert!(read.pulse.times[0].abs() < 1e-9);
        assert!(super::read("<a>", None).is_err());
    }
}
