//! What an event tells, in a line.

use crate::event::vital::Estimate;
use crate::event::{
    Absence, AbsenceReport, BagChange, BagReport, Behaviour, EdgeEvent, EventBody, Lifecycle, ScreeningReport,
    SystemReport, TrackReport, VitalReport,
};

use super::{Lang, Say};

/// A rule's name in words; one of a newer centre as it is, without underscores.
#[must_use]
pub fn rule(name: &str, lang: Lang) -> String {
    if name == "screening" {
        return lang.pick(("Deviates from ordinary passers", "일반 통과자와 다름")).to_owned();
    }
    let behaviour = Behaviour::ALL.into_iter().find(|b| b.as_str() == name).map(|b| b.say(lang));
    let absence = Absence::ALL.into_iter().find(|a| a.as_str() == name).map(|a| a.say(lang));
    let bag = BagChange::ALL.into_iter().find(|b| b.as_str() == name).map(|b| b.say(lang));
    behaviour.or(absence).or(bag).map_or_else(|| name.replace('_', " "), str::to_owned)
}

/// What happened, without its reasons.
#[must_use]
pub fn what(event: &EdgeEvent, lang: Lang) -> String {
    let life = event.lifecycle.say(lang);
    match &event.body {
        EventBody::Track(report) => track(report, event.lifecycle, lang),
        EventBody::Behaviour(report) => format!("{}, {life}", report.behaviour.say(lang)),
        EventBody::Vital(report) => vital(report, lang),
        EventBody::Screening(report) => screening(report, lang),
        EventBody::System(report) => system(report, life, lang),
        EventBody::Absence(report) => absence(report, life, lang),
        EventBody::Bag(report) => bag(report, life, lang),
    }
}

fn absence(report: &AbsenceReport, life: &str, lang: Lang) -> String {
    let AbsenceReport { absence, traveller, camera, back, .. } = report;
    let told = absence.say(lang);
    match (back, lang) {
        (None, Lang::En) => format!("{told}: traveller {traveller}, last seen by {camera}, {life}"),
        (None, Lang::Ko) => format!("{told}: 여행자 {traveller}, 마지막 카메라 {camera}, {life}"),
        (Some(back), Lang::En) => format!("{told}: traveller {traveller}, from {camera} to {back}, {life}"),
        (Some(back), Lang::Ko) => format!("{told}: 여행자 {traveller}, {camera} → {back}, {life}"),
    }
}

fn bag(report: &BagReport, life: &str, lang: Lang) -> String {
    let BagReport { change, bag, class, before, after, probability } = report;
    let (told, class, sure) = (change.say(lang), class.say(lang), (100.0 * probability).round());
    let (from, to) = ((before.traveller, &before.camera), (after.traveller, &after.camera));
    match lang {
        Lang::En => format!(
            "{told}: B{bag} ({class}), traveller {} at {}, then traveller {} at {}, {sure} %, {life}",
            from.0, from.1, to.0, to.1
        ),
        Lang::Ko => format!(
            "{told}: B{bag} ({class}), {} 여행자 {} → {} 여행자 {}, {sure} %, {life}",
            from.1, from.0, to.1, to.0
        ),
    }
}

fn track(report: &TrackReport, lifecycle: Lifecycle, lang: Lang) -> String {
    let (class, seconds) = (report.class.say(lang), report.age_s);
    match (lifecycle, lang) {
        (Lifecycle::New, Lang::En) => format!("{class} came into view"),
        (Lifecycle::New, Lang::Ko) => format!("{class} 나타남"),
        (Lifecycle::End, Lang::En) => format!("{class} out of view after {seconds:.0} s"),
        (Lifecycle::End, Lang::Ko) => format!("{class} {seconds:.0}초 후 사라짐"),
        (Lifecycle::Update, Lang::En) => format!("{class} in view for {seconds:.0} s"),
        (Lifecycle::Update, Lang::Ko) => format!("{class} {seconds:.0}초째 화면에 있음"),
        (Lifecycle::Retracted, Lang::En) => format!("{class} withdrawn: was none"),
        (Lifecycle::Retracted, Lang::Ko) => format!("{class} 철회: 대상이 아니었음"),
    }
}

fn vital(report: &VitalReport, lang: Lang) -> String {
    let sign = report.sign.say(lang);
    match (&report.estimate, lang) {
        (Estimate::Available { rate, interval, quality, .. }, Lang::En) => {
            let (low, high, sure) = (interval.low, interval.high, 100.0 * quality);
            format!("{sign} {rate:.0} a minute (90 %: {low:.0} to {high:.0}; {sure:.0} % within 5)")
        }
        (Estimate::Available { rate, interval, quality, .. }, Lang::Ko) => {
            let (low, high, sure) = (interval.low, interval.high, 100.0 * quality);
            format!("{sign} {rate:.0}회/분 (90 %: {low:.0}~{high:.0}, ±5 이내 확률 {sure:.0} %)")
        }
        (Estimate::Unavailable { reasons, .. }, _) => {
            let why: Vec<&str> = reasons.iter().map(|reason| reason.say(lang)).collect();
            format!("{sign}: {}, {}", lang.pick(("no reading", "측정 불가")), why.join(", "))
        }
    }
}

fn screening(report: &ScreeningReport, lang: Lang) -> String {
    let ScreeningReport { rarity, compared, of_hour, signals, .. } = report;
    let rare = 1e3 * rarity;
    match lang {
        Lang::En => {
            let hour = if *of_hour { " at this hour" } else { "" };
            format!(
                "Deviates from ordinary passers: as rare as {rare:.1} in 1,000 of {compared}{hour}, {signals} signals"
            )
        }
        Lang::Ko => {
            let hour = if *of_hour { "같은 시간대 " } else { "" };
            format!("일반 통과자와 다름: {hour}{compared}명 기준 1,000명 중 {rare:.1}명꼴, 신호 {signals}개")
        }
    }
}

fn system(report: &SystemReport, life: &str, lang: Lang) -> String {
    match report {
        SystemReport::CameraOnline { width, height } => {
            format!("{} {width}×{height}", lang.pick(("Camera online,", "카메라 온라인,")))
        }
        SystemReport::CameraOffline { cause } => {
            format!("{} {}", lang.pick(("Camera offline:", "카메라 오프라인:")), cause.say(lang))
        }
        SystemReport::CameraCovered => {
            format!("{}, {life}", lang.pick(("View covered or dark", "화면이 가려지거나 어두움")))
        }
        SystemReport::ResolutionChanged { width, height } => {
            format!("{} {width}×{height}", lang.pick(("Picture size changed to", "해상도 변경:")))
        }
        SystemReport::ClockSuspect => lang.pick(("The stream's clock stepped", "영상 시계가 어긋남")).to_owned(),
        SystemReport::ClockOffset { camera, offset_s, .. } => match lang {
            Lang::En => format!("The clock of {camera} is {offset_s:+.1} s off its neighbours', {life}"),
            Lang::Ko => format!("카메라 {camera}의 시계가 이웃 카메라와 {offset_s:+.1}초 차이, {life}"),
        },
        SystemReport::QueueDropped { queue, count } => match lang {
            Lang::En => format!("{count} dropped by the bound {queue}"),
            Lang::Ko => format!("{queue} 한도로 {count}건 버려짐"),
        },
    }
}
