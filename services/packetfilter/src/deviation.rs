use std::fmt;

use serde::Serialize;

use crate::Ruleset;

/// One thing that is not as it is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// The set or chain.
    pub place: String,
    pub side: Side,
    pub what: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Meant, and not loaded.
    Missing,
    /// Loaded, and not meant.
    Extra,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.side {
            Side::Missing => "lacks",
            Side::Extra => "has too much:",
        };
        write!(f, "{} {side} {}", self.place, self.what)
    }
}

/// Everything that is loaded otherwise than meant; what it says of itself aside.
pub fn deviations(meant: &Ruleset, loaded: &Ruleset) -> Vec<Deviation> {
    let mut found = Vec::new();
    one_side(meant, loaded, Side::Missing, &mut found);
    one_side(loaded, meant, Side::Extra, &mut found);
    for (name, lines) in &meant.chains {
        let out_of_order = loaded.chains.get(name).is_some_and(|loaded| loaded != lines);
        if out_of_order && !found.iter().any(|deviation| deviation.place == *name) {
            let what = "the meant order of its lines".to_owned();
            found.push(Deviation { place: name.clone(), side: Side::Missing, what });
        }
    }
    found
}

/// What one has and the other has not.
fn one_side(one: &Ruleset, other: &Ruleset, side: Side, found: &mut Vec<Deviation>) {
    let mut say = |place: &str, what: String| found.push(Deviation { place: place.to_owned(), side, what });
    for (name, set) in &one.sets {
        let Some(there) = other.sets.get(name) else {
            say(name, "the whole set".to_owned());
            continue;
        };
        more_lines(&set.declaration, &there.declaration).for_each(|line| say(name, line));
        set.elements.minus(&there.elements).into_iter().for_each(|element| say(name, element));
    }
    for (name, lines) in &one.chains {
        match other.chains.get(name) {
            Some(there) => more_lines(lines, there).for_each(|line| say(name, line)),
            None => say(name, "the whole chain".to_owned()),
        }
    }
}

/// Lines that stand more often here than there.
fn more_lines<'l>(here: &'l [String], there: &'l [String]) -> impl Iterator<Item = String> + 'l {
    let mut left: Vec<&String> = there.iter().collect();
    let is_more = move |line: &&String| match left.iter().position(|other| other == line) {
        Some(at) => {
            left.swap_remove(at);
            false
        }
        None => true,
    };
    here.iter().filter(is_more).cloned()
}
