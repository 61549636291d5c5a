//! `greenlane travellers`: travellers across cameras in a terminal, and what an operator can do with them.

use super::proposals::waits;
use super::terminal::print;
use super::watch::{details, what};
use super::{Failure, Outcome};
use crate::frame::ObjectClass;
use crate::rpc::TravellerClient;
use crate::time::CaptureTime;
use crate::wire::{self, WireEnum, v1};

/// Show travellers across cameras, follow them, join and split them.
///
/// Without a subcommand everybody remembered, the one seen last first.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane travellers
  greenlane travellers show 17 --events
  greenlane travellers follow 17 --case C-204 --purpose 'left a bag' --operator kim --minutes 30
  greenlane travellers merge 17 23 --operator kim
  greenlane travellers split 17 --at gate/1/5 --operator kim")]
pub struct Args {
    /// URL of the centre.
    #[arg(long, global = true, value_name = "URL", default_value = "http://127.0.0.1:50051")]
    central: String,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Everybody remembered (this is the default).
    List(Wanted),
    /// One traveller: where they were, why that is one person, and where they come into view next.
    Show {
        /// The traveller's number.
        traveller: u64,
        /// With what their tracks did, and their vital signs.
        #[arg(long)]
        events: bool,
    },
    /// The same whenever it changes.
    Watch {
        /// The traveller's number.
        traveller: u64,
        /// End after this many times.
        #[arg(long, value_name = "N")]
        count: Option<u64>,
    },
    /// Say that two travellers are one.
    Merge {
        /// One.
        a: u64,
        /// The other.
        b: u64,
        /// Who says so.
        #[arg(long, value_name = "NAME")]
        operator: String,
    },
    /// Say that from a track on it is somebody else.
    Split {
        /// The traveller's number.
        traveller: u64,
        /// The first track of the other, as `show` writes it: CAMERA/BOOT/TRACK.
        #[arg(long, value_name = "TRACK")]
        at: String,
        /// Who says so.
        #[arg(long, value_name = "NAME")]
        operator: String,
    },
    /// Follow somebody for a case and a purpose.
    Follow(Follow),
    /// Follow them no longer.
    EndFollow {
        /// The number that `follow` gave.
        follow: u64,
        /// Who ends it.
        #[arg(long, value_name = "NAME")]
        operator: String,
    },
    /// Whom operators follow.
    Follows {
        /// Also those that have ended.
        #[arg(long)]
        ended: bool,
    },
}

#[derive(Debug, Default, clap::Args)]
struct Wanted {
    /// Only those in sight.
    #[arg(long)]
    in_sight: bool,
    /// Only those who are followed.
    #[arg(long)]
    followed: bool,
    /// Only those who were in this camera's view; may be given more than once.
    #[arg(long, value_name = "ID")]
    camera: Vec<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
}

#[derive(Debug, clap::Args)]
struct Follow {
    /// The traveller's number.
    traveller: u64,
    /// The case it is for.
    #[arg(long, value_name = "ID")]
    case: String,
    /// What for.
    #[arg(long, value_name = "TEXT")]
    purpose: String,
    /// Who opens it.
    #[arg(long, value_name = "NAME")]
    operator: String,
    /// It ends by itself after so many minutes, at most 480.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=480))]
    minutes: u32,
}

/// Runs the verb.
///
/// # Errors
/// [`Failure::Input`] when the centre cannot be reached, [`Failure::Found`] when it refuses.
pub fn run(args: &Args) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::found)?;
    runtime.block_on(async {
        let mut client = TravellerClient::connect(&args.central).await.map_err(Failure::input)?;
        match &args.what {
            None => list(&mut client, &Wanted { limit: 100, ..Wanted::default() }).await,
            Some(What::List(wanted)) => list(&mut client, wanted).await,
            Some(what) => ask(&mut client, what).await,
        }
    })
}

async fn ask(client: &mut TravellerClient, what: &What) -> Outcome {
    match what {
        What::List(wanted) => list(client, wanted).await,
        What::Show { traveller, events } => {
            let answer = client.get(*traveller, *events).await.map_err(Failure::found)?;
            print(traveller_lines(&answer.traveller.unwrap_or_default()))?;
            let left_out = answer.events_truncated.then(|| "  older events are left out".to_owned());
            print(left_out.into_iter().chain(answer.events.iter().map(event_line)))
        }
        What::Watch { traveller, count } => watch(client, *traveller, count.unwrap_or(u64::MAX)).await,
        What::Merge { a, b, operator } => {
            let v1::MergeTravellersResponse { traveller, proposal } =
                client.merge(*a, *b, operator).await.map_err(Failure::found)?;
            print([waits(proposal).unwrap_or_else(|| format!("{a} and {b} are traveller {traveller}"))])
        }
        What::Split { traveller, at, operator } => {
            let track = track(at).ok_or_else(|| Failure::Usage(format!("`{at}` is not CAMERA/BOOT/TRACK")))?;
            let v1::SplitTravellerResponse { traveller: other, proposal } =
                client.split(*traveller, track, operator).await.map_err(Failure::found)?;
            print([waits(proposal).unwrap_or_else(|| format!("from {at} on it is traveller {other}"))])
        }
        What::Follow(follow) => {
            let Follow { traveller, case, purpose, operator, minutes } = follow;
            let request = v1::FollowTravellerRequest {
                traveller: *traveller,
                case: case.clone(),
                purpose: purpose.clone(),
                operator: operator.clone(),
                seconds: minutes * 60,
            };
            let v1::FollowTravellerResponse { follow, proposal } =
                client.follow(request).await.map_err(Failure::found)?;
            print(waits(proposal).into_iter().chain(follow.iter().flat_map(follow_lines)))
        }
        What::EndFollow { follow, operator } => client.end_follow(*follow, operator).await.map_err(Failure::found),
        What::Follows { ended } => {
            let follows = client.follows(*ended).await.map_err(Failure::found)?;
            print(follows.iter().flat_map(follow_lines))
        }
    }
}

async fn list(client: &mut TravellerClient, wanted: &Wanted) -> Outcome {
    let mut request = v1::ListTravellersRequest {
        in_sight: wanted.in_sight,
        cameras: wanted.camera.clone(),
        followed: wanted.followed,
        ..v1::ListTravellersRequest::default()
    };
    let mut left = wanted.limit;
    while left > 0 {
        request.page_size = left;
        let page = client.list(request.clone()).await.map_err(Failure::found)?;
        print(page.travellers.iter().map(summary_line))?;
        left = left.saturating_sub(u32::try_from(page.travellers.len()).unwrap_or(u32::MAX));
        if page.next_page_token.is_empty() {
            break;
        }
        if left == 0 {
            return print([format!("-- {} in all", page.total)]);
        }
        request.page_token = page.next_page_token;
    }
    Ok(())
}

async fn watch(client: &mut TravellerClient, traveller: u64, count: u64) -> Outcome {
    let mut feed = client.watch(traveller).await.map_err(Failure::found)?;
    for _ in 0..count {
        let Some(traveller) = feed.next().await.map_err(Failure::found)? else {
            return Err(Failure::found("the centre ended the stream"));
        };
        print(traveller_lines(&traveller))?;
    }
    Ok(())
}

fn summary_line(one: &v1::TravellerSummary) -> String {
    let name = |track: &v1::TrackName| format!("{}/{}/{}", track.camera, track.boot, track.track);
    let state = if one.in_sight { "in sight" } else { "away" };
    let followed = if one.followed { ", followed" } else { "" };
    let unsure = if one.provisional { ", provisional" } else { "" };
    format!(
        "{:>7} {} to {} {state} at {}{followed}{unsure}; {} tracks in {}",
        one.traveller,
        clock(one.from_unix_micros),
        clock(one.until_unix_micros),
        one.last.as_ref().map_or_else(String::new, name),
        one.tracks,
        one.cameras.join(", ")
    )
}

fn traveller_lines(traveller: &v1::Traveller) -> Vec<String> {
    let mut lines: Vec<String> = traveller.summary.iter().map(summary_line).collect();
    let mut before: Option<i64> = None;
    for segment in &traveller.segments {
        if let Some(gap) = before.map(|before| segment.from_unix_micros - before).filter(|gap| *gap > 1_000_000) {
            lines.push(format!("          out of sight for {:.0} s", gap as f64 / 1e6));
        }
        before = before.max(Some(segment.until_unix_micros));
        lines.push(segment_line(segment));
    }
    lines.extend(traveller.outlook.iter().flat_map(outlook_lines));
    for companion in &traveller.companions {
        let who = companion.summary.as_ref().map_or_else(String::new, summary_line);
        lines.push(format!("  walks with {} ({} views)", who.trim_start(), companion.views));
    }
    lines.extend(traveller.follows.iter().flat_map(follow_lines).map(|line| format!("  followed: {line}")));
    lines
}

fn segment_line(segment: &v1::Segment) -> String {
    let track = segment.track.clone().unwrap_or_default();
    let chosen = segment.links.first();
    let joined = match chosen.map(v1::Link::kind) {
        Some(v1::LinkKind::Passage) => "came back into view",
        Some(v1::LinkKind::Overlap) => "in both views",
        Some(v1::LinkKind::Newcomer) => "new",
        _ => "not judged yet",
    };
    let sure = segment.probability.map_or(String::new(), |p| format!(", probability {p:.2}"));
    let other = segment.links.get(1).map_or(String::new(), |link| format!("; next best {:.2}", link.probability));
    let missing =
        if segment.missing.is_empty() { String::new() } else { format!("; without {}", segment.missing.join(", ")) };
    let carried: String = segment.bags.iter().map(carried).collect();
    format!(
        "  {} to {} {}/{}/{} {joined}{sure}{other}{missing}{carried}",
        clock(segment.from_unix_micros),
        clock(segment.until_unix_micros),
        track.camera,
        track.boot,
        track.track
    )
}

fn carried(bag: &v1::CarriedBag) -> String {
    let class = ObjectClass::from_wire(bag.class).map_or("bag", ObjectClass::as_str);
    format!("; {class} B{} {:.2}", bag.bag, bag.probability)
}

fn outlook_lines(outlook: &v1::Outlook) -> Vec<String> {
    let since = match outlook.away_s {
        0.0 => format!("  if they leave {} now", outlook.from),
        away => format!("  left {} {away:.0} s ago", outlook.from),
    };
    let overdue = outlook.overdue.filter(|_| outlook.away_s > 0.0);
    let overdue = overdue.map_or(String::new(), |share| format!("; {:.0} % of others were back by now", 100.0 * share));
    let gone = format!("{since}: gone for good {:.2}{overdue}", outlook.gone);
    let next = outlook.next.iter().map(|next| {
        let blind = match next.blind() {
            v1::Blind::Unspecified => "",
            v1::Blind::Offline => " (offline)",
            v1::Blind::Covered => " (covered)",
            v1::Blind::Unheard => " (never heard of)",
        };
        let v1::NextView { camera, probability, in_s, in_low_s, in_high_s, .. } = next;
        format!("  next {camera}{blind} {probability:.2}, in {in_s:.0} s ({in_low_s:.0} to {in_high_s:.0})")
    });
    std::iter::once(gone).chain(next).collect()
}

fn follow_lines(follow: &v1::Follow) -> Vec<String> {
    let state = match follow.ended_unix_micros {
        None => format!("until {}", clock(follow.until_unix_micros)),
        Some(at) if follow.ended_by.is_empty() => format!("ended {} by its time", clock(at)),
        Some(at) => format!("ended {} by {}", clock(at), follow.ended_by),
    };
    let who = if follow.traveller == 0 { "no longer remembered".to_owned() } else { format!("{}", follow.traveller) };
    let v1::Follow { id, case, purpose, operator, looking, look_alikes, confirmed_by, .. } = follow;
    let second = if confirmed_by.is_empty() { String::new() } else { format!(", confirmed by {confirmed_by}") };
    let mut lines = vec![format!("{id:>4} traveller {who}, case {case}, {purpose}, by {operator}{second}, {state}")];
    if !looking.is_empty() {
        lines.push(format!("     looked for by {}", looking.join(", ")));
    }
    for (one, name) in look_alikes.iter().filter_map(|one| Some((one, one.track.as_ref()?))) {
        let v1::TrackName { camera, boot, track } = name;
        lines.push(format!("     {camera}/{boot}/{track} looks alike, {:.2}", one.cosine));
    }
    lines
}

fn event_line(event: &v1::Event) -> String {
    match wire::event_from_proto(event.clone()) {
        Err(error) => format!("  an event that cannot be read: {error}"),
        Ok(event) => {
            let at = clock(event.capture_time.unix_micros);
            format!("  {at} {} {} {}", event.id.camera, what(&event), details(&event))
        }
    }
}

/// A track as `show` writes it.
fn track(text: &str) -> Option<v1::TrackName> {
    let mut parts = text.split('/');
    let (camera, boot, track) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    parts.next().is_none().then(|| v1::TrackName { camera: camera.to_owned(), boot, track })
}

/// Lines until whoever reads has enough.
/// Time of day, UTC.
fn clock(micros: i64) -> String {
    let text = CaptureTime::exact(micros).rfc3339();
    text.get(11..19).map_or(text.clone(), str::to_owned)
}
