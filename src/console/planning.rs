//! Asks the centre about the floor: where cameras look, and what is known of those who are followed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use super::place::Place;
use super::plan::Followed;
use crate::rpc::{ConsoleClient, RpcError, TravellerClient};
use crate::wire::v1;

const ASK_EVERY: Duration = Duration::from_secs(1);
/// Edges tell of their cameras when they connect: that is asked for less often.
const PLAN_EVERY: u32 = 3;
/// Most travellers asked for in one round; whoever else is followed stands in the list alone.
const TRAVELLERS_MAX: usize = 16;
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// Asks until it is dropped, while there is a connection.
pub async fn run(place: Arc<Place>) {
    let mut every = tokio::time::interval(ASK_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut travellers: Option<TravellerClient> = None;
    let mut round = 0;
    loop {
        every.tick().await;
        let Some(client) = place.client() else {
            (travellers, round) = (None, 0);
            continue;
        };
        if round % PLAN_EVERY == 0 {
            views(&place, client).await;
        }
        round = round.wrapping_add(1);
        if travellers.is_none() {
            travellers = TravellerClient::connect(&place.central).await.ok();
        }
        if let Some(asked) = &mut travellers
            && let Err(error) = followed(&place, asked).await
        {
            // The console's own connection tells of a loss; a centre without travellers follows nobody.
            tracing::debug!(%error, "nothing is known of those who are followed");
            travellers = None;
        }
    }
}

async fn views(place: &Place, mut client: ConsoleClient) {
    match tokio::time::timeout(ANSWER_MAX, client.plan()).await {
        Ok(Ok(plan)) => place.change(|board| {
            if board.floor.plan(plan) {
                board.floor_changed();
            }
        }),
        Ok(Err(error)) => tracing::debug!(%error, "the centre does not say where cameras look"),
        Err(_) => {}
    }
}

async fn followed(place: &Place, travellers: &mut TravellerClient) -> Result<(), RpcError> {
    let Ok(follows) = tokio::time::timeout(ANSWER_MAX, travellers.follows(false)).await else { return Ok(()) };
    let follows = follows?;
    let mut known: BTreeMap<u64, v1::Traveller> = BTreeMap::new();
    for id in follows.iter().map(|follow| follow.traveller).filter(|id| *id != 0) {
        if known.len() == TRAVELLERS_MAX || known.contains_key(&id) {
            continue;
        }
        // Whoever is forgotten meanwhile is not known any more.
        if let Ok(Ok(answer)) = tokio::time::timeout(ANSWER_MAX, travellers.get(id, false)).await
            && let Some(traveller) = answer.traveller
        {
            known.insert(id, traveller);
        }
    }
    let asked = place.clock.unix_micros();
    let followed: Vec<Followed> = follows
        .into_iter()
        .map(|follow| Followed { traveller: known.get(&follow.traveller).cloned(), follow, asked })
        .collect();
    place.change(|board| {
        if !(board.floor.followed.is_empty() && followed.is_empty()) {
            board.floor.followed = followed;
            board.floor_changed();
        }
    });
    Ok(())
}
