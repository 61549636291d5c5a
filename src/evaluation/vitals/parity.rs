//! The pulse methods and the published readouts against numpy and scipy (`tests/fixtures/vitals/make_golden.py`).

use serde_json::Value;

use super::protocol::{self, TOOLBOX_BAND};
use crate::biosignal::detrend::detrend;
use crate::biosignal::filter::{Band, BandPass};
use crate::biosignal::methods::{PulseMethod, Rgb};

const TOLERANCE: f64 = 1e-9;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/vitals/golden.json")).expect("valid JSON")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("an array").iter().map(|v| v.as_f64().expect("a number")).collect()
}

fn colours(golden: &Value) -> Vec<Rgb> {
    golden["rgb"].as_array().expect("rows").iter().map(|row| numbers(row).try_into().expect("three")).collect()
}

/// Each sample within the tolerance of the signal's own size around its mean; the sign of a BVP means nothing.
fn assert_close(got: &[f64], expected: &[f64], what: &str) {
    assert_eq!(got.len(), expected.len(), "{what}");
    let mean = expected.iter().sum::<f64>() / expected.len() as f64;
    let size = (expected.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / expected.len() as f64).sqrt();
    let worst = got.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst <= TOLERANCE * size, "{what}: off by {worst:e} at a size of {size:e}");
}

fn named_methods(golden: &Value) -> Vec<(PulseMethod, Vec<f64>)> {
    let object = golden["bvp"].as_object().expect("an object");
    object.iter().map(|(name, values)| (name.parse().expect("a method"), numbers(values))).collect()
}

#[test]
fn methods_equal_the_reference() {
    let golden = golden();
    let (rgb, methods) = (colours(&golden), named_methods(&golden));
    assert_eq!(methods.len(), 7);
    for (method, expected) in methods {
        assert_close(&method.extract(&rgb, 30.0), &expected, method.as_str());
    }
}

#[test]
fn filters_equal_scipy() {
    let golden = golden();
    let pos = numbers(&golden["bvp"]["POS"]);
    assert_close(&detrend(&pos, 100.0), &numbers(&golden["detrended"]), "detrended");
    for (order, low_hz, high_hz) in [(1, 0.75, 2.5), (3, 0.7, 2.5), (6, 0.65, 4.0)] {
        let got = BandPass::design(order, Band { low_hz, high_hz }, 30.0).both_ways(&pos);
        assert_close(&got, &numbers(&golden["band_passed"][order.to_string()]), &format!("order {order}"));
    }
}

#[test]
fn protocol_a_equals_scipy() {
    let golden = golden();
    let prepared = |x: &[f64]| protocol::toolbox_prepared(x, 30.0, TOOLBOX_BAND);
    let reference = prepared(&numbers(&golden["reference"]));
    let wide = Band { low_hz: 0.6, high_hz: 3.3 };
    for (method, bvp) in named_methods(&golden) {
        let of = |key: &str| golden["protocol_a"][method.as_str()][key].as_f64().expect("a number");
        let close =
            |got: f64, key: &str| assert!((got - of(key)).abs() <= TOLERANCE * of(key).abs(), "{method} {key}: {got}");
        let bvp_prepared = prepared(&bvp);
        close(protocol::toolbox_rate(&bvp_prepared, 30.0, TOOLBOX_BAND).expect("in band"), "bpm");
        let bvp_wide = protocol::toolbox_prepared(&bvp, 30.0, wide);
        close(protocol::toolbox_rate(&bvp_wide, 30.0, wide).expect("in band"), "bpm_wide");
        close(protocol::toolbox_snr(&bvp_prepared, 30.0, 70.2, TOOLBOX_BAND), "snr_db");
        close(protocol::toolbox_macc(&bvp_prepared, &reference), "macc");
    }
}

#[test]
fn protocol_b_equals_scipy() {
    let golden = golden();
    let rgb = colours(&golden);
    for (method, _) in named_methods(&golden) {
        let expected = &golden["protocol_b"][method.as_str()];
        for (window, key) in [(&rgb[100..340], "8s"), (&rgb[..], "all")] {
            let got = protocol::pyvhr_rate(window, 30.0, method).expect("in band");
            assert!((got - expected[key].as_f64().expect("a number")).abs() < 1e-9, "{method} {key}: {got}");
        }
    }
}
