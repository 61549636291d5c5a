//! COHFACE (Heusch, Anjos, Marcel, 2016): HDF5 files, which `hdf5-pure` reads without the C library (MIT or Apache-2.0).

use hdf5_pure::File;

use super::ubfc::push;
use crate::evaluation::vitals::recording::Wave;
use crate::evaluation::vitals::truth::Reference;

/// Samples a second of the sensors, for files without `time`.
const SAMPLES_HZ: f64 = 256.0;

/// `pulse` and `respiration` over `time`.
pub(super) fn read(bytes: Vec<u8>) -> Result<Reference, String> {
    let file = File::from_bytes(bytes).map_err(|error| error.to_string())?;
    let column = |name: &str| -> Result<Vec<f64>, String> {
        let data = file.dataset(name).and_then(|dataset| dataset.read_f64());
        data.map_err(|error| format!("`{name}`: {error}"))
    };
    let pulse = column("pulse")?;
    let times = column("time").unwrap_or_else(|_| (0..pulse.len()).map(|i| i as f64 / SAMPLES_HZ).collect());
    // The clock starts with the recording, whatever it shows.
    let start = times.first().copied().unwrap_or_default();
    let wave = |values: &[f64]| {
        let mut wave = Wave::default();
        times.iter().zip(values).for_each(|(t, value)| push(&mut wave, t - start, *value));
        wave
    };
    let respiration = column("respiration").ok().map(|values| wave(&values));
    Ok(Reference { pulse: wave(&pulse), respiration, frame_times: None })
}

/// The light of a recording: studio for the first two of each person, daylight for the others.
pub(super) fn light(number: &str) -> Option<&'static str> {
    match number {
        "0" | "1" => Some("studio"),
        "2" | "3" => Some("natural"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_come_out_of_a_file_that_h5py_wrote() {
        let bytes = include_bytes!("../../../../../tests/fixtures/vitals/layouts/cohface/1/2/data.hdf5");
        let read = read(bytes.to_vec()).unwrap();
        let breath = read.respiration.unwrap();
        assert_eq!((read.pulse.values.len(), breath.values.len()), (768, 768));
        assert!(super::read(b"no such file".to_vec()).is_err());
    }
}
