use live::{Hint, Topic};

use super::meeting::{Meeting, QUEUE_FULL, SLOW_SUBSCRIBER, count, next, text, until};

/// As many hints as wait for one subscriber, and as wait for Redis.
const BACKLOG: usize = 256;
const FLOOD: u64 = 100_000;

pub(super) async fn everybody_hears_every_hint(meeting: Meeting) {
    let buses = [meeting.bus().await, meeting.bus().await, meeting.bus().await];
    let mut subscriptions = Vec::new();
    for bus in buses.iter().chain(&buses) {
        subscriptions.push(bus.subscribe(Topic::Generations));
    }
    for (number, bus) in buses.iter().enumerate() {
        bus.publish(Topic::Generations, number.to_string());
        for subscription in &mut subscriptions {
            assert_eq!(text(subscription).await, number.to_string());
        }
    }
}

pub(super) async fn topics_are_apart(meeting: Meeting) {
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut generations = other.subscribe(Topic::Generations);
    let mut edits = other.subscribe(Topic::Edits);
    one.publish(Topic::Generations, "7");
    one.publish(Topic::Edits, "edit");
    one.publish(Topic::Generations, "8");
    assert_eq!(text(&mut generations).await, "7");
    assert_eq!(text(&mut generations).await, "8");
    assert_eq!(text(&mut edits).await, "edit");
}

pub(super) async fn installations_are_apart(meeting: Meeting) {
    let elsewhere = meeting.elsewhere();
    let (here, there) = (meeting.bus().await, elsewhere.bus().await);
    let (mut heard_here, mut heard_there) =
        (here.subscribe(Topic::Generations), there.subscribe(Topic::Generations));
    here.publish(Topic::Generations, "here");
    assert_eq!(text(&mut heard_here).await, "here");
    there.publish(Topic::Generations, "there");
    assert_eq!(text(&mut heard_there).await, "there");
    here.publish(Topic::Generations, "here again");
    assert_eq!(text(&mut heard_here).await, "here again");
}

pub(super) async fn the_order_of_one_publisher_is_kept(meeting: Meeting) {
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut subscription = other.subscribe(Topic::Edits);
    for round in 0..10 {
        let numbers = round * 100..(round + 1) * 100;
        for number in numbers.clone() {
            one.publish(Topic::Edits, number.to_string());
        }
        for number in numbers {
            assert_eq!(text(&mut subscription).await, number.to_string());
        }
    }
}

pub(super) async fn a_slow_subscriber_is_told_and_nobody_waits(meeting: Meeting) {
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let (mut slow, mut quick) = (other.subscribe(Topic::Edits), other.subscribe(Topic::Edits));
    let hints = 3 * BACKLOG;
    for number in 0..hints {
        one.publish(Topic::Edits, number.to_string());
        assert_eq!(text(&mut quick).await, number.to_string());
    }
    assert_eq!(next(&mut slow).await, Hint::Missed);
    for number in hints - BACKLOG..hints {
        assert_eq!(text(&mut slow).await, number.to_string());
    }
    assert_eq!(count(&other, SLOW_SUBSCRIBER), (hints - BACKLOG) as u64);
}

/// Nothing is awaited in the flood, so what is kept of it is what the bus is willing to hold.
pub(super) async fn of_a_flood_the_newest_arrives(meeting: Meeting) {
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut subscription = other.subscribe(Topic::Generations);
    let filler = "x".repeat(1000);
    for number in 0..FLOOD {
        one.publish(Topic::Generations, format!("{number} {filler}"));
    }
    let heard = until(&mut subscription, &format!("{} {filler}", FLOOD - 1)).await;
    assert!(heard.len() <= BACKLOG, "{} hints were kept", heard.len());
    assert_eq!(count(&one, "published_total"), FLOOD);
    let lost = count(&one, QUEUE_FULL) + count(&other, SLOW_SUBSCRIBER);
    assert!(lost >= FLOOD - 2 * BACKLOG as u64, "{lost} were dropped");
}

pub(super) async fn one_who_leaves_disturbs_nobody(meeting: Meeting) {
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut stays = other.subscribe(Topic::Edits);
    for number in 0..100 {
        let leaves = other.subscribe(Topic::Edits);
        one.publish(Topic::Edits, number.to_string());
        drop(leaves);
        assert_eq!(text(&mut stays).await, number.to_string());
    }
}
