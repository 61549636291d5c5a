//! Every word on the page, in English and Korean: one table for the page's own words, one file for the closed lists.
//!
//! What others wrote (camera names, zones, notes, rules of a newer centre) is shown as it came and is never looked up here.

mod lists;
mod measures;
mod sentences;

pub use lists::Say;
pub use measures::{amount, because, usual};
pub use sentences::{rule, what};

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// As in `lang` attributes and in the cookie.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// The language of this code, if it is one of ours.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        match code {
            "en" => Some(Self::En),
            "ko" => Some(Self::Ko),
            _ => None,
        }
    }

    /// One of the two.
    #[must_use]
    pub fn pick(self, (en, ko): (&'static str, &'static str)) -> &'static str {
        match self {
            Self::En => en,
            Self::Ko => ko,
        }
    }
}

macro_rules! words {
    ($($name:ident: $en:literal, $ko:literal;)*) => {
        /// A word or phrase of the page.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Word {
            $(#[doc = concat!("`", $en, "`")] $name,)*
        }

        impl Word {
            /// All of them.
            #[cfg(test)]
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// In both languages, English first.
            #[must_use]
            pub fn both(self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$name => ($en, $ko),)*
                }
            }
        }
    };
}

words! {
    // Frame.
    Now: "Now", "현재";
    Review: "Review", "검토";
    System: "System", "시스템";
    Camera: "Camera", "카메라";
    Cameras: "Cameras", "카메라";
    You: "You", "사용자";
    SkipToContent: "Skip to content", "본문으로 건너뛰기";
    Views: "Views", "화면";
    Centre: "Centre", "센터";
    LiveState: "Live", "실시간";
    CatchingUp: "Catching up", "따라잡는 중";
    Connecting: "Connecting", "연결 중";
    LostState: "Connection lost", "연결 끊김";
    LostSince: "No connection to the centre. What you see may be out of date. Trying again every second.", "센터와 연결되지 않았습니다. 화면의 내용이 최신이 아닐 수 있습니다. 1초마다 다시 시도합니다.";
    PageLost: "This page has lost the console. What you see may be out of date. Trying again.", "이 페이지가 콘솔과의 연결을 잃었습니다. 화면의 내용이 최신이 아닐 수 있습니다. 다시 시도 중입니다.";
    NoScript: "Live updates need JavaScript. Everything else works without: reload the page to see what is new.", "실시간 갱신에는 JavaScript가 필요합니다. 다른 기능은 그대로 쓸 수 있으며, 새로 고침하면 최신 내용이 보입니다.";
    TooManyPages: "Too many pages are open at this console. This one does not update by itself.", "이 콘솔에 열린 페이지가 너무 많습니다. 이 페이지는 자동으로 갱신되지 않습니다.";
    TimesAre: "Times of day:", "시각 기준:";
    Since: "since", "이후";
    // Queue.
    Queue: "What needs a look", "확인이 필요한 대상";
    NoAlerts: "Nothing needs a look.", "확인이 필요한 대상이 없습니다.";
    ToDo: "To do", "처리할 것";
    All: "All", "전체";
    Show: "Show", "표시";
    BudgetUsed: "raised this hour", "최근 1시간 발령";
    BudgetOf: "of at most", "최대";
    HeldBackCount: "held back", "보류";
    MoreNotShown: "more alerts are not shown; the least valuable come last", "건의 경보는 표시하지 않았습니다(중요도가 낮은 순)";
    Rank: "Worth a look", "확인 가치";
    RankOf: "Severity, certainty, how far outside the usual, and how new it is at this camera, as one number from 0 to 100", "심각도, 확실성, 통상 범위에서 벗어난 정도, 이 카메라에서의 새로움을 합한 0~100의 값";
    Severity: "Severity", "심각도";
    Certainty: "Certainty", "확실성";
    Excess: "Outside the usual", "통상 범위 이탈";
    Novelty: "New here", "새로움";
    Concerns: "Concerns", "대상";
    Assigned: "Assigned to", "담당";
    Nobody: "nobody yet", "아직 없음";
    Raised: "Raised", "발령";
    Retracted: "withdrawn: the camera takes it back", "철회됨: 카메라가 취소했습니다";
    Over: "over", "종료";
    Zone: "Zone", "구역";
    // Travellers.
    Travellers: "Travellers", "여행자";
    Traveller: "Traveller", "여행자";
    InSight: "in sight", "화면에 있음";
    Away: "out of sight", "화면 밖";
    AwayFor: "out of sight for", "화면에서 사라진 지";
    LastSeenBy: "last seen by", "마지막 카메라";
    Followed: "followed", "추적 중";
    Provisional: "provisional", "잠정";
    ProvisionalHint: "What is said of them can still change by itself soon.", "이 내용은 곧 자동으로 바뀔 수 있습니다.";
    EveryCamera: "every camera", "모든 카메라";
    Filter: "Filter", "적용";
    Remembered: "remembered", "명 기억됨";
    NobodyThere: "Nobody like that is remembered.", "해당하는 여행자가 없습니다.";
    NotAllListed: "Only those seen last are listed.", "최근에 보인 여행자만 표시됩니다.";
    FirstSeen: "First seen", "처음 보인 시각";
    LastSeen: "Last seen", "마지막으로 보인 시각";
    Views_: "Cameras they were seen by", "보인 카메라";
    Stretches: "Stretches", "구간 수";
    PreviousPage: "Previous page", "이전 쪽";
    NextPage: "Next page", "다음 쪽";
    NoSuchTraveller: "Nobody of that number or track is remembered.", "해당 번호나 구간의 여행자가 기억되어 있지 않습니다.";
    TimeAxis: "Time axis", "시간 축";
    AxisSays: "The table of the same name below says the same.", "아래 같은 이름의 표에 동일한 내용이 있습니다.";
    Timeline: "Timeline", "시간순 기록";
    TimelineTruncated: "Older events are left out.", "오래된 이벤트는 생략되었습니다.";
    Events: "Events", "이벤트";
    PerMinute: "a minute", "회/분";
    NoReading: "no reading", "측정 불가";
    Withdrawn: "withdrawn", "철회됨";
    StillGoing: "goes on", "진행 중";
    Seen: "Seen", "보임";
    NextUp: "Where next", "다음 위치";
    IfTheyLeft: "If they left this view now:", "지금 이 화면을 벗어난다면:";
    Expected: "Expected next:", "예상되는 다음 위치:";
    InSeconds: "in", "예상";
    GoneForGood: "Left for good", "완전히 떠남";
    OverdueShare: "of those who go on from there have come into view by now", "의 사람은 지금쯤 이미 다시 나타났습니다";
    NoOverdue: "Nobody can be called overdue: most go where no camera sees.", "지연 판단 불가: 대부분 카메라가 보지 못하는 곳으로 갑니다.";
    NoOutlook: "Nothing is known of where they may go.", "다음 위치를 알 수 없습니다.";
    BlindOffline: "offline, sees nobody", "오프라인, 볼 수 없음";
    BlindCovered: "covered, sees nobody", "가려짐, 볼 수 없음";
    BlindUnheard: "never heard of, sees nobody", "보고한 적 없음, 볼 수 없음";
    WhyOne: "Why this is one person", "동일인 판단 근거";
    LinkNewcomer: "Not seen before", "처음 보임";
    LinkPassage: "Came back into view", "다시 나타남";
    LinkOverlap: "In both views at once", "두 화면에 동시에 보임";
    LinkNone: "Not judged yet, or decided by an operator", "아직 판단 전이거나 사용자가 결정함";
    AfterTrack: "after", "이전:";
    Otherwise: "Otherwise", "다른 가능성";
    ForIt: "Evidence", "근거";
    EvidenceOf: "How much more this speaks for the same person than for a newcomer (logarithm of the ratio; below 0 it speaks against)", "처음 온 사람보다 동일인일 가능성을 얼마나 뒷받침하는지(비율의 로그, 0보다 작으면 반대)";
    ByLooks: "looks", "외모";
    ByTime: "time", "시간";
    ByPlace: "place", "위치";
    ByWay: "way", "경로";
    Alike: "alike", "유사도";
    Without: "without", "없음:";
    MissingAppearance: "looks", "외모";
    MissingCalibration: "calibration", "보정";
    MissingTopology: "plan of the cameras", "카메라 배치";
    SplitHere: "Somebody else from here on", "여기부터 다른 사람";
    FollowTitle: "Follow", "추적";
    FollowIt: "Follow", "추적 시작";
    FollowHint: "The centre tells when they are overdue, and ends it by itself.", "예상보다 늦으면 센터가 알리고, 시간이 지나면 자동으로 끝납니다.";
    Case: "Case", "사건 번호";
    ForWhat: "What for", "목적";
    Minutes: "Minutes, 1 to 480", "시간(분), 1~480";
    EndFollow: "End", "종료";
    Until: "until", "종료 시각";
    By: "by", "담당";
    MergeTitle: "Merge", "병합";
    MergeWith: "With traveller no.", "여행자 번호";
    MergeIt: "Merge", "병합";
    MergeHint: "Says that the two are one person. A split takes it back.", "두 사람이 동일인이라고 기록합니다. 분리하면 되돌립니다.";
    Companions: "Walks with", "동행";
    NoCompanions: "Nobody seen to walk with them.", "동행이 확인되지 않았습니다.";
    DoneFollow: "Followed from now on.", "추적을 시작했습니다.";
    DoneEnd: "No longer followed.", "추적을 끝냈습니다.";
    DoneMerge: "The two are one traveller now. A split takes it back.", "두 여행자를 병합했습니다. 분리하면 되돌립니다.";
    DoneSplit: "From there on it is somebody else:", "그 구간부터는 다른 여행자입니다:";
    DoneSplitBack: "Merging the two takes it back.", "다시 병합하면 되돌립니다.";
    NotANumber: "the number is missing or is none.", "번호가 없거나 올바르지 않습니다.";
    // Facts.
    PickOne: "Choose an alert to see why it was raised and what can be done.", "경보를 선택하면 발령 사유와 처리 방법이 표시됩니다.";
    NoSuchAlert: "There is no such alert. The centre may have forgotten it, or this console is not connected.", "해당 경보가 없습니다. 센터가 더 이상 보관하지 않거나 콘솔이 연결되지 않았습니다.";
    Alert: "Alert", "경보";
    Why: "Why", "사유";
    Measured: "Measured", "측정값";
    Usual: "Usual", "통상 범위";
    Reason: "Reason", "항목";
    NoReasons: "No measured reasons were sent.", "측정된 사유가 전송되지 않았습니다.";
    NotUnderstood: "This console does not understand the details; the centre may be newer.", "이 콘솔이 이해하지 못하는 내용입니다. 센터가 더 새로운 버전일 수 있습니다.";
    Others: "also concerns", "관련 대상";
    Bag: "bag", "가방";
    Close: "Close", "닫기";
    // Work.
    Decide: "Decide", "처리";
    Acknowledge: "Acknowledge", "확인";
    AcknowledgeHint: "I look after it", "내가 맡습니다";
    Assign: "Assign", "배정";
    AssignTo: "To whom", "누구에게";
    Dismiss: "Dismiss", "종결";
    DismissWhy: "Why it needs no more", "종결 사유";
    Note: "Note", "메모";
    NoteText: "What to remember", "메모 내용";
    History: "History", "처리 이력";
    NothingDone: "Nobody has done anything yet.", "아직 처리한 사람이 없습니다.";
    WhoAreYou: "Your name is written down with everything you decide.", "모든 처리에는 사용자의 이름이 기록됩니다.";
    Name: "Name", "이름";
    Save: "Save", "저장";
    Finished: "This alert is closed. Nothing more can be done with it.", "종료된 경보입니다. 더 이상 처리할 수 없습니다.";
    Refused: "Not done:", "처리되지 않음:";
    NotConnected: "this console is not connected to the centre.", "콘솔이 센터에 연결되어 있지 않습니다.";
    TookTooLong: "the centre did not answer in time.", "센터가 제때 응답하지 않았습니다.";
    // A second person.
    SecondPerson: "Waits for a second person", "두 번째 확인을 기다리는 요청";
    NeedsSecond: "It takes effect when another operator confirms it.", "다른 사용자가 승인해야 적용됩니다.";
    AskedBy: "Asked by", "요청자";
    LapsesIn: "lapses in", "남은 시간";
    Confirm: "Confirm", "승인";
    ConfirmedBy: "confirmed by", "승인자";
    Decline: "Decline", "거절";
    DeclineWhy: "Why not (optional)", "거절 사유(선택)";
    TakeBack: "Take back", "요청 취소";
    AnotherConfirms: "You asked for this; another operator has to confirm it.", "본인이 요청했습니다. 다른 사용자가 승인해야 합니다.";
    DoneProposed: "Asked for. It takes effect when another operator confirms it.", "요청했습니다. 다른 사용자가 승인하면 적용됩니다.";
    DoneConfirm: "Confirmed and done.", "승인하여 적용했습니다.";
    DoneDecline: "Declined. Nothing was changed.", "거절했습니다. 변경된 것은 없습니다.";
    DecidedByTwo: "Decided by two", "2인 확인";
    NoPolicy: "No decision needs a second person here ([central.confirmation]).", "두 번째 확인이 필요한 결정이 없습니다([central.confirmation]).";
    NoProposals: "Nothing was asked for yet.", "아직 요청이 없습니다.";
    SplitTitle: "Split", "분리";
    // Evidence.
    Evidence: "Evidence", "증거 영상";
    EvidenceHint: "A few stills around the moment, from the edge that keeps them. Everybody else is hidden, and faces too. Asking is written down.", "해당 시점 전후의 정지 영상 몇 장입니다. 다른 사람과 얼굴은 가려집니다. 요청은 기록됩니다.";
    FetchStills: "Fetch stills", "영상 요청";
    ShowFaces: "Show the face of the concerned", "대상자의 얼굴 표시";
    Purpose: "What for (needed for faces)", "목적(얼굴 표시 시 필수)";
    FacesShown: "Faces of the concerned are shown; this was written down.", "대상자의 얼굴이 표시되었으며, 이 사실이 기록되었습니다.";
    FacesHidden: "Faces are hidden.", "얼굴이 가려져 있습니다.";
    StillsRefused: "stills were refused: too large, too many, or no pictures", "장은 크기 초과, 개수 초과 또는 영상이 아니어서 표시하지 않았습니다";
    NoStills: "No stills were sent.", "전송된 영상이 없습니다.";
    Still: "Still", "정지 영상";
    // System.
    Online: "online", "온라인";
    Offline: "offline", "오프라인";
    Covered: "covered", "가려짐";
    State: "State", "상태";
    InView: "In view", "화면 내 인원·물체";
    Newest: "Newest capture", "최근 촬영";
    ClockOff: "Clock, against its neighbours", "이웃 카메라와의 시계 차이";
    LookedForBy: "Looked for by", "찾고 있는 카메라";
    LooksAlike: "looks alike", "닮은 사람";
    NoCameras: "No camera has reported yet.", "아직 보고한 카메라가 없습니다.";
    Connection: "Connection", "연결";
    Sequence: "Newest event", "최신 이벤트 번호";
    Rate: "Events a second", "초당 이벤트";
    Reconnects: "Connections made", "연결 횟수";
    EventsLost: "Events never delivered", "전달되지 않은 이벤트";
    Unreadable: "Events not understood", "이해하지 못한 이벤트";
    Pages: "Pages open here", "열린 페이지";
    PagesLetGo: "Pages let go because they took nothing", "응답이 없어 끊은 페이지";
    RowsSkipped: "Event rows skipped by slow pages", "느린 페이지가 건너뛴 이벤트 행";
    Gaps: "Gaps", "누락 구간";
    NoGaps: "No gap since this console started.", "콘솔 시작 이후 누락이 없습니다.";
    GapFrom: "Events", "이벤트";
    Recent: "Recent events", "최근 이벤트";
    Time: "Time", "시각";
    What: "What", "내용";
    Version: "Console version", "콘솔 버전";
    NoSuchCamera: "No camera of this name has reported.", "이 이름의 카메라는 보고한 적이 없습니다.";
    Models: "Models of the newest event", "최근 이벤트의 모델";
    Configuration: "Configuration of the newest event", "최근 이벤트의 설정";
    AlertsHere: "Alerts of this camera", "이 카메라의 경보";
    // Plan.
    Plan: "Plan", "평면도";
    Floor: "The floor, in metres", "바닥 평면(미터)";
    FloorDescription: "Floor plan: what each camera sees, zones, lines and ways between views. The tables beside it say the same.", "평면도: 카메라가 보는 범위, 구역, 선, 화면 사이의 이동 경로. 옆의 표에 같은 내용이 있습니다.";
    NothingCalibrated: "No camera is calibrated: nobody has a place on a plan. `greenlane calibrate` makes one.", "보정된 카메라가 없어 평면도에 위치를 표시할 수 없습니다. `greenlane calibrate`로 보정하십시오.";
    FollowedOnes: "Followed", "추적 중";
    NobodyFollowed: "Nobody is followed.", "추적 중인 사람이 없습니다.";
    NotRemembered: "no longer remembered", "더 이상 기억되지 않음";
    SeenLast: "last seen", "마지막 확인";
    NextView: "Next view", "다음 화면";
    HowLikely: "Likely", "확률";
    ExpectedIn: "Expected in", "예상 시간";
    SeesNobody: "sees nobody now", "현재 볼 수 없음";
    HasLeft: "Has left for good:", "완전히 떠났을 확률:";
    OnPlan: "On the plan", "평면도 표시";
    NotCalibrated: "not calibrated: not on the plan", "보정되지 않아 평면도에 없음";
    LayoutRefused: "what the centre says of this camera makes no sense:", "센터가 보낸 카메라 정보가 올바르지 않습니다:";
    BlindSpots: "Where nobody sees", "사각지대";
    NoWays: "No ways between views are configured ([central.topology]).", "화면 사이의 경로가 설정되어 있지 않습니다([central.topology]).";
    ViewsOverlap: "the views overlap", "화면이 겹칩니다";
    PeopleOnPlan: "People on the plan, as a table", "평면도의 사람(표)";
    PlacesHint: "places of the last 5 seconds; whoever is in two views stands here twice", "최근 5초의 위치이며, 두 화면에 있는 사람은 두 번 표시됩니다";
    Track: "Track", "추적 번호";
    PersonNow: "person, seen just now", "방금 확인된 사람";
    PersonOld: "not heard of for some seconds", "몇 초 동안 확인되지 않음";
    SeenFloor: "in view of a camera", "카메라가 보는 바닥";
    UnseenFloor: "camera offline or covered", "카메라 오프라인 또는 가려짐";
    UnseenWay: "way that no camera sees", "카메라가 보지 못하는 경로";
    // Preview and drawing.
    Preview: "Live look", "실시간 보기";
    PreviewHint: "A small, coarse still about once a second while you look. Whoever is tracked is hidden. That you look is written down.", "보는 동안 약 1초에 한 번 작고 거친 정지 영상을 표시합니다. 추적되는 사람은 가려지며, 열람 사실은 기록됩니다.";
    LookThrough: "Look", "보기";
    StopLooking: "Stop", "중지";
    PreviewStill: "What the camera sees; people are hidden", "카메라 화면(사람은 가려짐)";
    PreviewRefused: "The picture is too large, or none.", "영상이 너무 크거나 영상이 아닙니다.";
    Capability: "What it can measure", "측정 가능 항목";
    Role: "Role", "역할";
    RoleHall: "hall: many people, small", "홀: 많은 사람, 작게 보임";
    RoleLane: "lane: one face, close up", "레인: 한 사람의 얼굴, 가까이";
    Why_: "Purpose", "목적";
    Calibration: "Calibration", "보정";
    Calibrated: "places and speeds in metres", "위치와 속도를 미터로 측정";
    Uncalibrated: "none: speeds in body heights, no places", "없음: 속도는 키 기준, 위치 없음";
    Resolution: "Picture", "화면 크기";
    FramesASecond: "Frames analysed a second", "초당 분석 프레임";
    WhileLooking: "shown while you look", "보는 동안 표시";
    ModelNames: "Models", "모델";
    Measures: "Measures", "측정";
    MeasuresHall: "tracks, bags, behaviour", "이동, 가방, 행동";
    MeasuresBags: "Bags", "가방";
    Simulated: "simulated bag", "모의 가방";
    SimulatedBags: "Simulated bags: out of a file, not out of the picture (demonstration)", "모의 가방: 영상이 아닌 파일에서 가져옴(시연용)";
    MeasuresLane: "pulse, breathing, blinks, facial movement", "맥박, 호흡, 눈 깜박임, 얼굴 움직임";
    NotDescribed: "Its edge has not said where it looks.", "엣지가 카메라 정보를 보내지 않았습니다.";
    Draw: "Zones, lines and masks", "구역, 선, 마스크";
    DrawHint: "Draw on the picture: click, or move the cross with the arrow keys (with Shift faster) and press Enter; Backspace takes the last point back. The table below goes into the edge's configuration; nothing is changed from here.", "그림을 클릭하거나, 화살표 키(Shift는 빠르게)로 십자를 옮기고 Enter를 누르십시오. Backspace는 마지막 점을 지웁니다. 아래 표를 엣지 설정 파일에 넣으십시오. 여기서는 아무것도 변경되지 않습니다.";
    DrawingArea: "Drawing: arrow keys move the cross, Enter sets a point, Backspace takes it back", "그리기: 화살표 키로 이동, Enter로 점 추가, Backspace로 삭제";
    DrawWhat: "What", "종류";
    AZone: "zone", "구역";
    ALine: "line", "선";
    AMask: "mask: nobody sees it", "마스크: 아무도 볼 수 없음";
    UseOfZone: "Use", "용도";
    UnitsOf: "Units", "단위";
    UnitsShares: "shares of the picture", "화면 비율";
    UnitsPixels: "pixels", "픽셀";
    UnitsMetres: "metres on the floor", "바닥 기준 미터";
    Points: "Points, one x,y a line, 0 to 1 across and down", "점: 한 줄에 x,y, 왼쪽 위가 0, 오른쪽 아래가 1";
    DirectionPoints: "One way: the last two points are the direction", "일방통행: 마지막 두 점이 방향입니다";
    GatePeople: "a gate: people pass one by one", "게이트: 한 사람씩 통과";
    MakeTable: "Make the table", "표 만들기";
    ClearPoints: "Clear", "지우기";
    ForTheFile: "For the edge's configuration, below this camera's [[camera]]:", "엣지 설정 파일의 이 카메라 [[camera]] 아래에 넣으십시오:";
    NotUsable: "This cannot be used:", "사용할 수 없습니다:";
    Drawn: "Drawn already", "이미 그려진 것";
    NothingDrawn: "Nothing is drawn yet.", "아직 그려진 것이 없습니다.";
    // Review.
    Audit: "Who did or saw what", "처리·열람 기록";
    NoAudit: "Nobody has done anything yet.", "아직 기록이 없습니다.";
    Older: "Older", "이전 기록";
    Newer: "Newest", "최신 기록";
    Operator: "Operator", "사용자";
    Action: "Action", "동작";
    Text: "Text", "내용";
    Number: "No.", "번호";
    Shadow: "Rules in shadow, last 24 hours", "시험 중인 규칙(최근 24시간)";
    NoShadow: "No rule is in shadow.", "시험 중인 규칙이 없습니다.";
    Rule: "Rule", "규칙";
    Fired: "Would have fired", "발생했을 횟수";
    Already: "On people already alerted", "이미 경보가 있던 대상";
    WouldRaise: "Budget would have raised", "예산 내 발령 예상";
    AtLeast: "at least", "최소";
    HeldBack: "Held back by the budget", "예산에 따라 보류됨";
    NoHeld: "Nothing is held back.", "보류된 것이 없습니다.";
    // You.
    YouHint: "These are kept in this browser.", "이 설정은 이 브라우저에 저장됩니다.";
    Language: "Language", "언어";
    Theme: "Colours", "화면 색상";
    ThemeAuto: "As the system", "시스템 설정";
    ThemeLight: "Light", "밝게";
    ThemeDark: "Dark", "어둡게";
    Keys: "Keyboard shortcuts", "단축키";
    On: "On", "켜기";
    Off: "Off", "끄기";
    Saved: "Saved.", "저장되었습니다.";
    KeyNext: "next or previous alert", "다음/이전 경보";
    KeyOpen: "open it", "열기";
    KeyAct: "acknowledge, assign, dismiss, note", "확인, 배정, 종결, 메모";
    KeyEvidence: "evidence", "증거 영상";
    KeyTraveller: "the traveller of the open alert", "열린 경보의 여행자";
    KeyFollow: "follow, end it, merge", "추적, 추적 종료, 병합";
    KeyConfirm: "confirm or decline what waits for a second person", "두 번째 확인 요청을 승인 또는 거절";
    KeyView: "Now, Review, System, You, Travellers, Plan", "현재, 검토, 시스템, 사용자, 여행자, 평면도";
    KeyClose: "close the alert or the traveller", "경보/여행자 닫기";
    NotVerified: "The name is taken as you give it; this console does not check who you are.", "이름은 입력한 그대로 사용되며, 콘솔은 신원을 확인하지 않습니다.";
    // Faults.
    NotFound: "There is no such page.", "페이지가 없습니다.";
    ForeignRequest: "This request did not come from this console's own page, so nothing was done.", "이 콘솔의 페이지에서 보낸 요청이 아니므로 처리하지 않았습니다.";
}

impl Word {
    /// In this language.
    #[must_use]
    pub fn in_(self, lang: Lang) -> &'static str {
        lang.pick(self.both())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_in_both_languages() {
        for word in Word::ALL {
            let (en, ko) = word.both();
            let korean = ko.chars().any(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c));
            assert!(!en.is_empty() && korean, "{word:?}: {en} / {ko}");
        }
    }
}
