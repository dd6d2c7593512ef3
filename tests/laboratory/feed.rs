//! Calls by the thousand, each the recorded one with ids and times of its own.

use std::{cmp::Reverse, collections::BinaryHeap, fs, ops::Range, path::Path};

/// A recorded call to be told again and again.
#[derive(Debug)]
pub struct Feed {
    events: Vec<Template>,
    began_us: i64,
}

/// An event, and where in it stands what is each call's own.
#[derive(Clone, Debug)]
struct Template {
    text: String,
    holes: Vec<(Range<usize>, Hole)>,
    at_us: i64,
}

#[derive(Clone, Copy, Debug)]
enum Hole {
    /// The number at the end of an id: `nodeA-1795244001.30`.
    Id,
    /// The second in it.
    Second,
    Timestamp,
    Bridge,
}

impl Feed {
    /// Call `n` has ids from `n` times this on,
    pub const IDS: u64 = 100;
    /// and its first leg has this one of them.
    pub const FIRST_ID: u64 = 30;

    /// The call answered after a failed attempt, of Asterisk 22; with what no record needs left out, as an event filter
    /// would, or not.
    pub fn answered_after_failure(with_noise: bool) -> Self {
        Self::of("ast22/answered-after-503.ami", with_noise)
    }

    fn of(name: &str, with_noise: bool) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ami");
        let stream = fs::read_to_string(root.join(name)).expect("the recorded stream");
        let is_wanted = |event: &&str| {
            let noise = ["VarSet", "Newexten", "CEL", "TestEvent", "Cdr", "SuccessfulAuth", "FullyBooted"];
            let name = event.strip_prefix("Event: ").and_then(|rest| rest.split("\r\n").next());
            name.is_some_and(|name| {
                !["SuccessfulAuth", "FullyBooted"].contains(&name) && (with_noise || !noise.contains(&name))
            })
        };
        let events: Vec<_> = stream.split_inclusive("\r\n\r\n").filter(is_wanted).map(Template::of).collect();
        let began_us = events.first().expect("events").at_us;
        Self { events, began_us }
    }

    /// How many events a call has.
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// The events of the call with this number that begins at a time (UTC microseconds), each with when it happens.
    pub fn call(&self, number: u64, begins_us: i64) -> impl Iterator<Item = (i64, String)> + '_ {
        let shift_us = begins_us - self.began_us;
        self.events.iter().map(move |event| (event.at_us + shift_us, event.filled(number, shift_us)))
    }

    /// The events of calls that begin one after the other, so far apart, from a time on; in the order of their times.
    pub fn calls(
        &self,
        calls: Range<u64>,
        from_us: i64,
        apart_us: i64,
    ) -> impl Iterator<Item = (i64, String)> + '_ {
        let first = calls.start;
        let begins_us =
            move |call: u64| from_us + i64::try_from(call - first).expect("a number of calls") * apart_us;
        let mut calls = calls.peekable();
        let mut waiting = BinaryHeap::new();
        let mut order = 0_u64..;
        std::iter::from_fn(move || {
            // Nothing of a call happens before it begins.
            let begins_first = |call: &u64, waiting: &BinaryHeap<Reverse<(i64, u64, String)>>| {
                waiting.peek().is_none_or(|Reverse((next_us, ..))| begins_us(*call) <= *next_us)
            };
            while let Some(call) = calls.next_if(|call| begins_first(call, &waiting)) {
                let events = self.call(call, begins_us(call)).zip(&mut order);
                waiting.extend(events.map(|((at_us, event), order)| Reverse((at_us, order, event))));
            }
            waiting.pop().map(|Reverse((at_us, _, event))| (at_us, event))
        })
    }
}

impl Template {
    fn of(text: &str) -> Self {
        let mut holes = Vec::new();
        let mut at_us = 0;
        let mut offset = 0;
        for line in text.split_inclusive("\r\n") {
            let header = line.strip_suffix("\r\n").and_then(|line| line.split_once(": "));
            let Some((name, value)) = header else { break };
            let start = offset + name.len() + 2;
            if name == "Timestamp" {
                at_us = micros(value);
                holes.push((start..start + value.len(), Hole::Timestamp));
            } else if name == "BridgeUniqueid" {
                holes.push((start + value.len() - 12..start + value.len(), Hole::Bridge));
            } else {
                holes.extend(ids(value).map(|(range, hole)| (start + range.start..start + range.end, hole)));
            }
            offset += line.len();
        }
        Self { text: text.to_owned(), holes, at_us }
    }

    fn filled(&self, number: u64, shift_us: i64) -> String {
        let mut filled = String::with_capacity(self.text.len() + 16);
        let mut done = 0;
        for (range, hole) in &self.holes {
            filled += &self.text[done..range.start];
            let was = &self.text[range.clone()];
            let own = match hole {
                Hole::Id => {
                    (was.parse::<u64>().expect("a number") % Feed::IDS + Feed::IDS * number).to_string()
                }
                Hole::Second => {
                    (was.parse::<i64>().expect("seconds") + shift_us.div_euclid(1_000_000)).to_string()
                }
                Hole::Timestamp => {
                    let at_us = micros(was) + shift_us;
                    format!("{}.{:06}", at_us / 1_000_000, at_us % 1_000_000)
                }
                Hole::Bridge => format!("{number:012x}"),
            };
            filled.push_str(&own);
            done = range.end;
        }
        filled + &self.text[done..]
    }
}

/// `1795244001.30` wherever it stands: the second and the number.
fn ids(value: &str) -> impl Iterator<Item = (Range<usize>, Hole)> {
    let found = value.match_indices("nodeA-").filter_map(|(at, marker)| {
        let seconds = at + marker.len();
        let rest = &value[seconds..];
        let dot =
            rest.find(|letter: char| !letter.is_ascii_digit()).filter(|dot| rest[*dot..].starts_with('.'))?;
        let number = seconds + dot + 1;
        let digits = value[number..].find(|letter: char| !letter.is_ascii_digit());
        let end = digits.map_or(value.len(), |digits| number + digits);
        Some([(seconds..seconds + dot, Hole::Second), (number..end, Hole::Id)])
    });
    found.flatten().collect::<Vec<_>>().into_iter()
}

fn micros(text: &str) -> i64 {
    let (seconds, fraction) = text.split_once('.').expect("a timestamp");
    seconds.parse::<i64>().expect("seconds") * 1_000_000 + fraction.parse::<i64>().expect("microseconds")
}
