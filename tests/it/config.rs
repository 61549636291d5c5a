//! Configuration files: what is understood, and how everything wrong with them is said at once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use greenlane::association::Relation;
use greenlane::biosignal::{PulseMethod, PulseOrigin};
use greenlane::config::{self, CameraRole, ConfigError, Fault, Loaded};
use greenlane::ids::CameraId;

const EXAMPLE: &str = include_str!("../../config/hall.example.toml");

fn example_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/hall.example.toml")
}

fn parsed(text: &str) -> Loaded {
    config::parse(text, "/etc/greenlane/hall.toml").unwrap_or_else(|e| panic!("{e}"))
}

fn faults(text: &str) -> Vec<Fault> {
    match config::parse(text, "/etc/greenlane/hall.toml") {
        Err(ConfigError::Faulty { faults, .. }) => faults,
        other => panic!("no faults: {other:?}"),
    }
}

/// A camera that has what it needs, with `more` keys.
fn camera(more: &str) -> String {
    format!("[[camera]]\nid = \"a\"\npurpose = \"A test.\"\nsource = \"/data/a.avi\"\n{more}\n")
}

#[test]
fn the_example_is_understood_without_a_warning() {
    let Loaded { settings, warnings } = config::read(&example_path()).expect("the example");
    assert_eq!(warnings, []);
    let ids: Vec<&str> = settings.cameras.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["hall-east", "hall-west", "lane-1"]);
    assert_eq!(settings.cameras[2].role, CameraRole::Lane);
    assert_eq!(settings.cameras[2].pipeline.detector, config::LANE_DETECTOR);
    assert_eq!(settings.cameras[0].pipeline.detector, config::HALL_DETECTOR);
    assert_eq!(settings.cameras[2].clock_uncertainty, Duration::from_millis(20));
    assert!(
        settings.cameras[0].pipeline.core.homography.is_some()
            && settings.cameras[1].pipeline.core.homography.is_none()
    );
}

#[test]
fn a_lane_is_screened_and_a_hall_where_it_is_asked_for() {
    let screening = |more: &str| parsed(&camera(more)).settings.cameras[0].pipeline.core.screening;
    let default = greenlane::screening::ScreeningSettings::default();
    assert_eq!(screening(""), None);
    assert_eq!(screening("role = \"lane\""), Some(default));
    assert_eq!(screening("[camera.screening]"), Some(default));
    let set = screening("role = \"lane\"\n[camera.screening]\nattention_per_1000 = 20").expect("screened");
    assert_eq!((set.attention_per_1000, set.alert_per_1000), (20.0, 1.0));
    for (more, expected) in [
        ("[camera.screening]\nalert_per_1000 = 9", "alert_per_1000 is more than attention_per_1000"),
        ("[camera.screening]\nattention_per_1000 = 900", "lie between 0 and 500"),
        ("[camera.screening]\nattentoin_per_1000 = 9", "unknown key"),
    ] {
        let found = faults(&camera(more));
        assert!(found.iter().any(|fault| format!("{fault:?}").contains(expected)), "{more}: {found:?}");
    }
}

#[test]
fn a_lane_camera_measures_faces_or_its_seat() {
    let pipeline = |more: &str| {
        let Loaded { mut settings, .. } = parsed(&camera(&format!("role = \"lane\"\n{more}")));
        settings.cameras.remove(0).pipeline
    };
    let lane = |more: &str| pipeline(more).core.lane.expect("a lane camera");
    let models = |more: &str| {
        let pipeline = pipeline(more);
        (pipeline.detector_model().map(str::to_owned), pipeline.face.is_some())
    };
    assert_eq!(models(""), (Some(config::LANE_DETECTOR.to_owned()), true));
    assert_eq!(models("seat = [1, 2, 3, 4]"), (None, false));
    let usual = greenlane::edge::LaneSettings { pulse_model_faces: 1, ..Default::default() };
    assert_eq!(lane(""), usual, "a tape without the setting has none, a new camera one");
    let set = lane("seat = [400, 180, 220, 260]\n[camera.core.lane]\nfaces_max = 2\nmethod = \"POS\"");
    assert_eq!((set.seat, set.faces_max), (Some([400.0, 180.0, 220.0, 260.0]), 2));
    assert_eq!(set.method, Some(PulseOrigin::Colours(PulseMethod::Pos)));
    assert_eq!(parsed(&camera("")).settings.cameras[0].pipeline.core.lane, None);
    for (more, expected) in [
        ("role = \"lane\"\nseat = [1, 2, 0, 4]", "has no width or no height"),
        ("seat = [1, 2, 3, 4]", "seat"),
        ("role = \"lane\"\n[camera.core.lane]\nmethod = \"MAGIC\"", "is not usable"),
        ("[camera.core.lane]\nfaces_max = 2", "lane"),
    ] {
        let faults = faults(&camera(more));
        assert!(faults.iter().any(|f| format!("{f:?}").contains(expected)), "{more}: {faults:?}");
    }
}

#[test]
fn a_recording_may_state_its_frame_rate_and_a_camera_may_not() {
    assert_eq!(parsed(&camera("fps = 7")).settings.cameras[0].fps, Some(7.0));
    assert_eq!(parsed(&camera("")).settings.cameras[0].fps, None);
    let live = camera("fps = 7").replace("/data/a.avi", "rtsp://10.0.0.1/a");
    for (text, expected) in [(live, "is for recordings"), (camera("fps = 0"), "outside 0.1 to 240")] {
        let found = faults(&text);
        assert!(found.len() == 1 && found[0].key == "camera[a].fps", "{found:?}");
        assert!(found[0].problem.contains(expected), "{}", found[0].problem);
    }
}

#[test]
fn zones_and_lines_are_read_and_refused_with_their_place() {
    let good = camera(
        "[[camera.zone]]\nid = \"belt\"\npolygon = [[0, 0.5], [1, 0.5], [1, 1]]\npeople_max = 4\n\
         [[camera.line]]\nid = \"exit\"\nfrom = [0.1, 0.5]\nto = [0.9, 0.5]\ngate = true",
    );
    let rules = &parsed(&good).settings.cameras[0].pipeline.core.rules;
    assert_eq!((rules.zones[0].people_max, rules.lines[0].gate, rules.is_active()), (Some(4), true, true));
    let zone =
        |more: &str| camera(&format!("[[camera.zone]]\nid = \"wc\"\npolygon = [[0, 0], [1, 0], [1, 1]]\n{more}"));
    for (more, expected) in [
        ("use = \"interior\"", "the inside of a restroom is never watched"),
        ("use = \"one_way\"", "a one-way zone needs a direction"),
        ("units = \"metres\"", "metres need the camera's homography"),
        ("active = [\"5-6\"]", "is no span of the day"),
        ("dwel_max_s = 5", "unknown field `dwel_max_s`"),
    ] {
        let found = faults(&zone(more));
        assert_eq!(found.len(), 1, "{more}: {found:?}");
        assert_eq!((found[0].line, found[0].key.as_str()), (5, "camera[a].zone[#1]"), "{more}: {found:?}");
        assert!(found[0].problem.contains(expected), "{more}: {}", found[0].problem);
    }
}

#[test]
fn masks_are_read_and_refused_with_their_place() {
    let mask = |more: &str| camera(&format!("[[camera.mask]]\nid = \"door\"\n{more}"));
    let good = parsed(&mask("polygon = [[0, 0], [0.5, 0], [0.5, 1]]"));
    assert_eq!(good.settings.cameras[0].masks.len(), 1);
    for (more, expected) in [
        ("polygon = [[0, 0], [0.5, 0]]", "(door) is not usable: a polygon has 3 to 256 corners"),
        ("polygon = [[0, 0], [640, 0], [640, 480]]", "for pixels say units"),
        ("polygon = [[0, 0], [1, 0], [1, 1]]\nunits = \"metres\"", "unknown variant `metres`"),
    ] {
        let found = faults(&mask(more));
        assert_eq!(found.len(), 1, "{more}: {found:?}");
        assert_eq!((found[0].line, found[0].key.as_str()), (5, "camera[a].mask[#1]"), "{more}: {found:?}");
        assert!(found[0].problem.contains(expected), "{more}: {}", found[0].problem);
    }
    let entrance = "[[camera.zone]]\nid = \"wc\"\npolygon = [[0, 0], [1, 0], [1, 1]]\nuse = \"restroom_entrance\"";
    let warned = parsed(&camera(entrance));
    assert!(
        warned.warnings.iter().any(|w| w.key == "camera[a].mask" && w.problem.contains("`wc`")),
        "{:?}",
        warned.warnings
    );
}

#[test]
fn how_cameras_lie_to_each_other_is_read_and_refused_with_its_place() {
    let text = "[central.topology]\noverlaps = [['a', 'b']]\noverlaps_are = 'all'\nways_are = 'all'\n\
                ways = [{ from = 'b', to = 'c', seconds = 40 }]\n";
    let topology = parsed(text).settings.central.topology;
    let [a, b, c] = ["a", "b", "c"].map(|name| CameraId::new(name).unwrap());
    assert_eq!((topology.relation(&a, &b), topology.relation(&a, &c)), (Relation::Overlapping, Relation::Disjoint));
    assert_eq!((topology.prior(&b, &c).map(|way| way.typical_s), topology.prior(&c, &b)), (Some(40.0), None));
    assert!(topology.closed());
    for (entry, key, problem) in [
        ("overlaps = [['a', 'a']]", "central.topology.overlaps[#1]", "is one view"),
        ("overlaps = [['a']]", "central.topology.overlaps[#1]", "is not usable"),
        ("ways = [{ from = 'a', to = 'b' }]", "central.topology.ways[#1]", "missing field `seconds`"),
        ("ways = [{ from = 'a', to = 'b', seconds = 0 }]", "central.topology.ways[#1]", "between 0.5 and 3600"),
        ("ways = 7", "central.topology.ways", "is not a list"),
        ("ways_are = 'many'", "central.topology.ways_are", "is not one of the choices"),
    ] {
        let faults = faults(&format!("[central.topology]\n{entry}\n"));
        assert!(faults[0].key == key && faults[0].problem.contains(problem), "{faults:?}");
    }
}

#[test]
fn the_example_states_the_defaults() {
    let stated: Vec<&str> = EXAMPLE
        .lines()
        .filter(|line| line.starts_with('#') && line.as_bytes().get(1).is_some_and(u8::is_ascii_lowercase))
        .collect();
    assert!(stated.len() > 20, "only {} defaults are stated", stated.len());
    let uncommented = stated.iter().fold(EXAMPLE.to_owned(), |text, line| text.replace(line, &line[1..]));
    assert_eq!(parsed(&uncommented).settings, parsed(EXAMPLE).settings);
}

#[test]
fn every_optional_key_of_the_example_is_known() {
    let optional = ["manifest", "mirror", "runtime", "fps_max", "appearance"];
    let uncommented = optional.iter().fold(EXAMPLE.to_owned(), |text, key| {
        assert!(text.contains(&format!("# {key} = ")), "{key}");
        text.replace(&format!("# {key} = "), &format!("{key} = "))
    });
    let camera = &parsed(&uncommented).settings.cameras[0];
    assert_eq!(camera.fps_max, Some(15.0));
    assert_eq!(camera.pipeline.appearance.as_deref(), Some("reid_retail_0287_256x128"));
}

#[test]
fn all_faults_are_in_one_report() {
    let text = r#"site = "a b"
[central]
listen = "50051"
heartbeat_s = 0
hearbeat_s = 3
[edge]
central = "http://u:secret@h:1"
outbox_bytes_max = "1 GB"
[model]
provider = "cpu"
[models]
provider = "gpu"
[[camera]]
id = "gate 1"
source = "a.avi"
[[camera]]
id = "gate-2"
purpose = "A test."
stall_s = 1e9
fps_mx = 10
role = "hal"
start = 2026-03-01
homography = [1, 0, 0, 2, 0, 0, 0, 0, 1]
core = { report_period = 2, covered_after_s = -1, clock_step_s = "ten" }
[[camera]]
id = "gate-3"
purpose = ""
source = "rtsp://u:secret@h/${NO_SUCH_VARIABLE_HERE}"
"#;
    let expected = [
        (1, "site", "= \"a b\" is no usable name"),
        (3, "central.listen", "= \"50051\" is not an address"),
        (4, "central.heartbeat_s", "= 0 is outside 0.1 to 3600"),
        (5, "central.hearbeat_s", "is an unknown key; did you mean `heartbeat_s`?"),
        (7, "edge.central", "= \"http://***@h:1\" holds credentials"),
        (8, "edge.outbox_bytes_max", "= \"1 GB\" is not a whole number; allowed is 1048576 to 1099511627776"),
        (9, "model", "is an unknown key; did you mean `models`?"),
        (12, "models.provider", "= \"gpu\" is not one of the choices"),
        (13, "camera[#1].purpose", "is missing"),
        (14, "camera[#1].id", "= \"gate 1\" is no usable name"),
        (16, "camera[gate-2].source", "is missing"),
        (19, "camera[gate-2].stall_s", "is outside 0.2 to 3600"),
        (20, "camera[gate-2].fps_mx", "did you mean `fps_max`?"),
        (21, "camera[gate-2].role", "= \"hal\" is not one of the choices; did you mean `hall`?"),
        (22, "camera[gate-2].start", "= 2026-03-01 is not a time with its offset"),
        (23, "camera[gate-2].homography", "cannot be inverted"),
        (24, "camera[gate-2].core.clock_step_s", "= \"ten\" is not a number; allowed is 0 to 86400"),
        (24, "camera[gate-2].core.covered_after_s", "= -1 is outside 0 to 86400"),
        (24, "camera[gate-2].core.report_period", "did you mean `report_period_s`?"),
        (27, "camera[gate-3].purpose", "is empty"),
        (28, "camera[gate-3].source", "needs the environment variable NO_SUCH_VARIABLE_HERE"),
    ];
    let found = faults(text);
    for (fault, (line, key, problem)) in found.iter().zip(expected) {
        assert_eq!((fault.line, fault.key.as_str()), (line, key), "{fault}");
        assert!(fault.problem.contains(problem), "{fault}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    assert!(found.iter().all(|f| !f.to_string().contains("secret")), "{found:#?}");
}

#[test]
fn a_broken_notation_is_reported_with_what_can_still_be_read() {
    let found = faults("site = \nsecret = \"rtsp://u:secret@h\n[central]\nheartbeat_s = 0\n");
    let lines: Vec<usize> = found.iter().map(|f| f.line).collect();
    assert_eq!(lines, [1, 2, 4], "{found:#?}");
    assert!(found[0].problem.starts_with("is no TOML"), "{found:#?}");
    assert!(found.iter().all(|f| !f.to_string().contains("u:secret")), "{found:#?}");
}

#[test]
fn files_that_are_none_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let endless = folder.path().join("large.toml");
    std::fs::write(&endless, vec![b'#'; (1 << 20) + 1]).expect("written");
    let binary = folder.path().join("binary.toml");
    std::fs::write(&binary, [0xff, 0xfe, 0x00]).expect("written");
    for (path, problem) in [
        (folder.path().join("nowhere.toml"), "No such file"),
        (folder.path().to_owned(), "directory"),
        (endless, "larger than"),
        (binary, "UTF-8"),
    ] {
        let error = config::load(&path).expect_err("refused").to_string();
        assert!(error.contains(problem) && error.contains(&*path.to_string_lossy()), "{error}");
    }
}

#[test]
fn an_empty_file_is_a_centre_with_defaults() {
    let Loaded { settings, warnings } = parsed("");
    assert_eq!(settings, config::hall(Vec::new()));
    assert_eq!(warnings.len(), 1);
}

#[test]
fn ids_are_unique_and_shared_sources_are_worth_a_look() {
    let twice = camera("") + &camera("");
    let found = faults(&twice);
    assert_eq!((found.len(), found[0].key.as_str()), (1, "camera[a].id"));
    let shared = camera("") + &camera("").replace("id = \"a\"", "id = \"b\"");
    let warnings = parsed(&shared).warnings;
    assert_eq!((warnings.len(), warnings[0].key.as_str()), (1, "camera[b].source"));
}

#[test]
fn at_most_64_cameras() {
    let hall = |cameras: usize| -> String {
        (0..cameras)
            .map(|i| camera("").replace("\"a\"", &format!("\"c{i}\"")).replace("a.avi", &format!("{i}")))
            .collect()
    };
    assert_eq!(parsed(&hall(config::CAMERAS_MAX)).settings.cameras.len(), config::CAMERAS_MAX);
    assert_eq!(faults(&hall(config::CAMERAS_MAX + 1)).len(), 1);
}

#[test]
fn sources_are_found_from_the_folder_of_the_file() {
    for (source, expected) in [
        ("a.avi", "/etc/greenlane/a.avi"),
        ("/data/a.avi", "/data/a.avi"),
        ("/dev/video0", "/dev/video0"),
        ("rtsp://10.0.0.1/s", "rtsp://10.0.0.1/s"),
        // Cargo sets this one for every test.
        ("rtsp://u:${CARGO_PKG_NAME}@h/s", "rtsp://u:greenlane@h/s"),
    ] {
        let settings = parsed(&camera("").replace("/data/a.avi", source)).settings;
        assert_eq!(settings.cameras[0].source.secret(), expected);
    }
}

#[test]
fn passwords_come_from_a_file_and_never_show() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("gate"), "viewer:p@ss/word\n").expect("written");
    let name = folder.path().join("hall.toml");
    let text = camera("credentials_file = \"gate\"").replace("/data/a.avi", "rtsp://10.0.0.1/s");
    let Loaded { settings, warnings } = config::parse(&text, &name.to_string_lossy()).expect("understood");
    assert_eq!(settings.cameras[0].source.secret(), "rtsp://viewer:p%40ss%2Fword@10.0.0.1/s");
    assert!(!format!("{settings:?}").contains("ss%2Fword"));
    assert!(!serde_json::to_string(&settings).expect("JSON").contains("viewer"));
    assert_eq!(warnings, []);

    let plain = camera("").replace("/data/a.avi", "rtsp://u:secret@h/s");
    assert_eq!(parsed(&plain).warnings.len(), 1, "a password in the file is worth a warning");
    for broken in [
        text.replace("\"gate\"", "\"nowhere\""),
        text.replace("rtsp://", "rtsp://u:p@"),
        text.replace("rtsp://10.0.0.1/s", "a.avi"),
    ] {
        let found = config::parse(&broken, &name.to_string_lossy()).expect_err("refused").to_string();
        assert!(found.contains("camera[a].credentials_file"), "{found}");
    }
}

#[test]
fn digests_tell_settings_apart_and_nothing_else() {
    let base = parsed(&camera("stall_s = 5")).settings;
    for same in ["stall_s = 5.0", "# nothing", "score_min = 0.1\nrole = \"hall\""] {
        assert_eq!(parsed(&camera(same)).settings.digest(), base.digest(), "{same}");
    }
    let moved = parsed(&camera("").replace("/data/a.avi", "rtsp://u:p@h/s")).settings;
    assert_eq!(moved.digest(), base.digest(), "sources are no part of it");
    for other in ["stall_s = 6", "fps_max = 10", "detector = \"x\"", "core = { report_period_s = 2 }"] {
        let settings = parsed(&camera(other)).settings;
        assert_ne!(settings.digest(), base.digest(), "{other}");
        assert_ne!(settings.cameras[0].digest(), base.cameras[0].digest(), "{other}");
    }
    assert_eq!(base.digest().len(), 64);
}

#[test]
fn every_number_of_the_core_can_be_written_and_its_default_is_allowed() {
    let default = config::hall_camera(greenlane::ids::CameraId::new("a").expect("a name"), "/data/a.avi");
    let core = toml::to_string(&default.pipeline.core).expect("TOML");
    let tables = core.replace("\n[", "\n[camera.core.");
    assert!(core.lines().count() > 4 && tables != core, "{core}");
    let text = camera(&format!("[camera.core]\n{tables}"));
    assert_eq!(parsed(&text).settings.cameras[0].pipeline.core, default.pipeline.core);
    let found = faults(&camera("[camera.core.tracker]\nscore_high = 1.5\nlost = 3"));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[0].key, "camera[a].core.tracker.score_high");
    assert!(found[1].problem.contains("did you mean `lost_s`?"), "{}", found[1]);
}
