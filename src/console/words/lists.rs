//! The closed lists of the vocabulary and of the wire in words.

use crate::event::vital::Reason as VitalReason;
use crate::event::{Absence, BagChange, Behaviour, Lifecycle, OfflineCause, ReasonCode, Severity, Unit, VitalSign};
use crate::frame::ObjectClass;
use crate::wire::v1;

use super::Lang;

/// Something of a closed list, said in words.
pub trait Say: Copy {
    /// English, Korean.
    fn both(self) -> (&'static str, &'static str);

    /// In this language.
    fn say(self, lang: Lang) -> &'static str {
        lang.pick(self.both())
    }
}

impl Say for Behaviour {
    #[rustfmt::skip]
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Loitering => ("Stays unusually long", "비정상적으로 오래 머무름"),
            Self::CounterFlow => ("Walks against the flow", "역방향 보행"),
            Self::Running => ("Runs", "뜀"),
            Self::Reversal => ("Turned back before control", "검사대 앞에서 되돌아감"),
            Self::Hesitation => ("Came up to control and drew back several times", "검사대 앞에서 여러 번 머뭇거림"),
            Self::Tailgating => ("Two pass a gate as one", "게이트를 바짝 붙어 통과"),
            Self::WalkingTogether => ("Walk together", "동행"),
            Self::GroupSplit => ("Companions part before control", "검사 전 일행 분리"),
            Self::Crowding => ("Too many people in a zone", "구역 내 인원 초과"),
            Self::LineCrossed => ("Crossed a line", "선 통과"),
            Self::Fall => ("Fell and lies", "넘어져 누워 있음"),
            Self::BorderPath => ("Keeps to the edge of the view", "화면 가장자리로 이동"),
            Self::ObjectLeft => ("A bag stands alone", "가방이 홀로 남음"),
            Self::ObjectTaken => ("Somebody else took a bag", "다른 사람이 가방을 가져감"),
            Self::ObjectReclaimed => ("Took the own bag again", "자기 가방을 다시 가져감"),
            Self::BagHandedOver => ("A bag was handed over", "가방 전달"),
            Self::BagSwapped => ("Bags were swapped", "가방 교환"),
            Self::RestroomDwell => ("Unusually long behind a restroom entrance", "화장실 입구 안쪽에 오래 머무름"),
            Self::CarryDifference => ("Carries something else than before the restroom", "화장실 전후 휴대품 차이"),
        }
    }
}

impl Say for ReasonCode {
    #[rustfmt::skip]
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::FrameGap => ("Time without a frame", "영상이 끊긴 시간"),
            Self::LumaDeviation => ("Spread of brightness", "밝기 분포"),
            Self::ClockStep => ("Step of the stream's clock", "영상 시계의 어긋남"),
            Self::Dropped => ("Dropped", "버려진 수"),
            Self::DwellTime => ("Time in the zone", "구역 내 체류 시간"),
            Self::TimeAway => ("Time out of every view", "모든 화면에서 사라진 시간"),
            Self::Candidates => ("One of so many people", "후보 인원"),
            Self::SameTraveller => ("The same traveller in both views", "두 화면의 동일 여행자 확률"),
            Self::BagsMissed => ("Bags that this view misses", "이 화면이 놓치는 가방 비율"),
            Self::BagLikeness => ("Likeness of the two bags", "두 가방의 유사도"),
            Self::Speed => ("Speed", "속도"),
            Self::WayBack => ("Way against the direction", "역방향 이동 거리"),
            Self::Retreat => ("Drew back from control by", "검사대에서 물러난 거리"),
            Self::Approaches => ("Times came up and drew back", "접근 후 물러난 횟수"),
            Self::GateGap => ("Time between two at the gate", "게이트 통과 간격"),
            Self::Separation => ("Distance between the two", "두 사람 사이 거리"),
            Self::TimeTogether => ("Time walked together", "함께 걸은 시간"),
            Self::People => ("People in the zone", "구역 내 인원"),
            Self::Uprightness => ("Height over width", "높이/너비 비"),
            Self::TimeLying => ("Time lying", "누워 있는 시간"),
            Self::BorderShare => ("Share of the way along the edge", "가장자리 이동 비율"),
            Self::TimeAlone => ("Time the bag stood alone", "가방이 홀로 있던 시간"),
            Self::CarrierProbability => ("Probability of carrying the bag", "가방 소지 확률"),
            Self::Bags => ("Bags", "가방 수"),
            Self::EarlierMoment => ("Time since the earlier moment", "이전 시점부터 지난 시간"),
            Self::Crossings => ("Crossings so far", "누적 통과 횟수"),
            Self::Pulse => ("Pulse", "맥박"),
            Self::PulseChange => ("Pulse against own baseline", "맥박(본인 기준 대비)"),
            Self::Respiration => ("Breathing", "호흡"),
            Self::RespirationChange => ("Breathing against own baseline", "호흡(본인 기준 대비)"),
            Self::BlinkRate => ("Blinks", "눈 깜빡임"),
            Self::BlinkRateChange => ("Blinks against own baseline", "눈 깜빡임(본인 기준 대비)"),
            Self::FacialMovement => ("Movements of facial features", "얼굴 움직임"),
            Self::FacialMovementChange => ("Facial movements against own baseline", "얼굴 움직임(본인 기준 대비)"),
            Self::SpeedChange => ("Speed against own baseline", "속도(본인 기준 대비)"),
            Self::TimeInView => ("Time in view", "화면에 있던 시간"),
            Self::Rarity => ("Share of ordinary passers who deviate as much", "이만큼 벗어나는 일반 통과자의 비율"),
        }
    }
}

impl Say for Unit {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Seconds => ("s", "초"),
            Self::Metres => ("m", "m"),
            Self::MetresPerSecond => ("m/s", "m/s"),
            Self::HeightsPerSecond => ("heights/s", "키/초"),
            Self::Luma => ("levels", "단계"),
            Self::Count | Self::Ratio => ("", ""),
            Self::PerMinute => ("a minute", "회/분"),
        }
    }
}

impl Say for Absence {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Overdue => ("Overdue", "재출현 지연"),
            Self::UnexpectedExit => ("Came back where nearly nobody does", "예상 밖 위치에서 재출현"),
            Self::TooFast => ("Came back sooner than nearly anybody", "너무 빠른 재출현"),
        }
    }
}

impl Say for BagChange {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::PassedOn => ("Bag passed on out of sight", "사각지대에서 가방 전달"),
            Self::Missing => ("Came without the bag", "가방 없이 재출현"),
            Self::Gained => ("Came with another bag", "없던 가방과 함께 출현"),
        }
    }
}

impl Say for Severity {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Info => ("Record", "기록"),
            Self::Attention => ("Attention", "주의"),
            Self::Alert => ("Alert", "경보"),
        }
    }
}

impl Say for Lifecycle {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::New => ("began", "시작"),
            Self::Update => ("goes on", "계속"),
            Self::End => ("over", "종료"),
            Self::Retracted => ("withdrawn", "철회"),
        }
    }
}

impl Say for ObjectClass {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Person => ("Person", "사람"),
            Self::Backpack => ("Backpack", "배낭"),
            Self::Handbag => ("Handbag", "손가방"),
            Self::Suitcase => ("Suitcase", "여행가방"),
            Self::Face => ("Face", "얼굴"),
        }
    }
}

impl Say for OfflineCause {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::OpenFailed => ("could not be opened", "열 수 없음"),
            Self::Stall => ("no pictures come", "영상이 오지 않음"),
            Self::StreamEnded => ("the stream ended", "스트림 종료"),
            Self::DecodeFailed => ("pictures cannot be decoded", "영상 해독 실패"),
            Self::Shutdown => ("its edge was stopped", "에지가 중지됨"),
            Self::WorkerFailed => ("perception failed; restarting", "분석 실패, 재시작 중"),
        }
    }
}

impl Say for v1::OfflineCause {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Unspecified => ("no cause given", "원인 미상"),
            Self::OpenFailed => OfflineCause::OpenFailed.both(),
            Self::Stall => OfflineCause::Stall.both(),
            Self::StreamEnded => OfflineCause::StreamEnded.both(),
            Self::DecodeFailed => OfflineCause::DecodeFailed.both(),
            Self::Shutdown => OfflineCause::Shutdown.both(),
            Self::WorkerFailed => OfflineCause::WorkerFailed.both(),
        }
    }
}

impl Say for VitalSign {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Pulse => ("Pulse", "맥박"),
            Self::Respiration => ("Breathing", "호흡"),
            Self::BlinkRate => ("Blinks", "눈 깜빡임"),
            Self::FacialMovement => ("Facial movement", "얼굴 움직임"),
        }
    }
}

impl Say for VitalReason {
    #[rustfmt::skip]
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::TooShort => ("not observed long enough", "관찰 시간이 짧음"),
            Self::TrackBreak => ("the face was lost meanwhile", "도중에 얼굴을 놓침"),
            Self::FaceSmall => ("the face is too small", "얼굴이 너무 작음"),
            Self::HeadTurned => ("the face looks past the camera", "얼굴이 카메라를 향하지 않음"),
            Self::LowLight => ("too dark", "너무 어두움"),
            Self::Saturated => ("too bright", "너무 밝음"),
            Self::NoStructure => ("a chest of one shade", "가슴 부위가 단색임"),
            Self::FpsJitter => ("frames came too seldom", "프레임 부족"),
            Self::Agc => ("the camera changed its gain", "카메라 감도 변경"),
            Self::Motion => ("too much movement", "움직임이 큼"),
            Self::Compressed => ("compressed too hard", "과도한 압축"),
            Self::NoPulse => ("nothing stands out of the noise", "잡음과 구별되지 않음"),
            Self::Disagree => ("readouts disagree", "판독값 불일치"),
            Self::RoiSpread => ("regions of the face disagree", "얼굴 부위별 불일치"),
            Self::GopLine => ("the line is the video's", "영상 자체의 주기"),
            Self::FlickerLine => ("the line is the light's", "조명의 주기"),
            Self::NotConfigured => ("not configured", "설정되지 않음"),
        }
    }
}

impl Say for v1::AlertState {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Unspecified => ("Unknown", "알 수 없음"),
            Self::Open => ("Open", "미확인"),
            Self::Acknowledged => ("Acknowledged", "확인됨"),
            Self::Dismissed => ("Dismissed", "종결됨"),
            Self::Withdrawn => ("Withdrawn", "철회됨"),
        }
    }
}

impl Say for v1::Severity {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Unspecified => ("Unknown", "알 수 없음"),
            Self::Info => Severity::Info.both(),
            Self::Attention => Severity::Attention.both(),
            Self::Alert => Severity::Alert.both(),
        }
    }
}

impl Say for v1::AlertAction {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Unspecified => ("did something", "기타"),
            Self::Acknowledge => ("acknowledged", "확인"),
            Self::Dismiss => ("dismissed", "종결"),
            Self::Assign => ("assigned to", "배정"),
            Self::Note => ("noted", "메모"),
        }
    }
}

impl Say for v1::ProposalState {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Unspecified => ("Unknown", "알 수 없음"),
            Self::Open => ("Waits", "대기 중"),
            Self::Confirmed => ("Confirmed", "승인됨"),
            Self::Declined => ("Declined", "거절됨"),
            Self::Lapsed => ("Lapsed", "시간 만료"),
        }
    }
}

impl Say for v1::HeldWhy {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Unspecified => ("no reason given", "사유 없음"),
            Self::BudgetFull => ("the hour's places are taken", "시간당 한도 소진"),
            Self::Outranked => ("more valuable ones are to be expected", "더 중요한 건이 예상됨"),
        }
    }
}
