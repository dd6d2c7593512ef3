//! Words into a question.

use std::collections::{BTreeMap, BTreeSet};

use calls::{Direction, Disposition};
use domain::{Cause, Invalid, NUMBER_DIGITS_MIN, NodeName, ProviderId, SipCode, masked, shortened};
use exports::{Format, What};
use store::{CallFilter, CallParts, CallQuestion, CallSort, NumberMatch};

use times::{Cap, RANGE_MAX_DAYS, Range, Zone, duration_us, instant_or_ago};
use traffic::Outcome;

use crate::{
    Numbers,
    parameters::{ALL, CONDITIONS, EXPLAIN, EXPORT, NUMBERED, NUMBERS, PAGING, Parameter, ZONE},
};

/// Calls on a page where nobody says how many.
const LIMIT: u32 = 50;

/// Which calls are asked for, and how times are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    pub filter: CallFilter,
    /// The time in the filter; none where it names one call anyway.
    pub range: Option<Range>,
    pub zone: Zone,
}

/// Which page of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub conditions: Conditions,
    pub sort: CallSort,
    pub limit: u32,
    pub cursor: Option<String>,
    pub numbers: Numbers,
}

/// How one call is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShowAsk {
    pub zone: Zone,
    pub numbers: Numbers,
    /// Whether its decisions are explained.
    pub explain: bool,
}

/// Which rows of which calls are exported, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportAsk {
    pub conditions: Conditions,
    pub what: What,
    pub format: Format,
    pub numbers: Numbers,
}

/// A word that has no place in a question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: {reason}")]
pub struct AskError {
    /// Its name, shortened where it is none of ours.
    pub parameter: String,
    pub reason: String,
    /// All there is to choose from; empty where that cannot be listed.
    pub allowed: Vec<String>,
}

impl Ask {
    /// Reads a question from names and texts; `now_us` is what open ends and `24h` are counted from.
    pub fn of<'p>(
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
        now_us: i64,
    ) -> Result<Self, AskError> {
        let words = Words::of(pairs, &[CONDITIONS, NUMBERS, PAGING])?;
        Ok(Self {
            conditions: words.conditions(now_us)?,
            sort: words.word("sort")?.unwrap_or(CallSort::NEWEST),
            limit: words.limit()?,
            cursor: words.one("cursor").map(str::to_owned),
            numbers: words.numbers()?,
        })
    }

    /// As the store takes it.
    pub fn question(&self, parts: CallParts) -> CallQuestion<'_> {
        CallQuestion {
            filter: &self.conditions.filter,
            sort: self.sort,
            limit: self.limit,
            cursor: self.cursor.as_deref(),
            parts,
        }
    }
}

impl Conditions {
    /// What was done to ends of the time that were left open, to be told.
    pub fn capped(&self) -> Option<&'static str> {
        self.range?.cap.map(|cap| match cap {
            Cap::Recent => "no time was named: these are the last 24 hours",
            Cap::NoEnd => "no end was named: these are the first 31 days",
            Cap::NoBeginning => "no beginning was named: these are the last 31 days before the end",
        })
    }

    /// Reads only what chooses calls: a page cannot be asked for.
    pub fn of<'p>(
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
        now_us: i64,
    ) -> Result<Self, AskError> {
        Words::of(pairs, &[CONDITIONS])?.conditions(now_us)
    }
}

impl ShowAsk {
    pub fn of<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Result<Self, AskError> {
        let words = Words::of(pairs, &[ZONE, NUMBERS, EXPLAIN])?;
        let explain = words.flag("explain")?.unwrap_or(false);
        Ok(Self { zone: words.zone()?, numbers: words.numbers()?, explain })
    }
}

impl ExportAsk {
    pub fn of<'p>(
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
        now_us: i64,
    ) -> Result<Self, AskError> {
        let words = Words::of(pairs, &[EXPORT, CONDITIONS, NUMBERS])?;
        let format = words.listed("format", &Format::ALL.map(|format| (format.as_str(), format)))?;
        Ok(Self {
            conditions: words.conditions(now_us)?,
            what: words.listed("what", &What::ALL.map(|what| (what.as_str(), what)))?.unwrap_or(What::Calls),
            format: format.ok_or_else(|| refused("format", "is not said".to_owned()))?,
            numbers: words.numbers()?,
        })
    }
}

/// A text of a question as the audit may keep it: numbers are masked, and nothing is in it that a terminal would obey.
pub fn shown_of_question(name: &str, text: &str) -> String {
    let text = if NUMBERED.contains(&name) { masked(text) } else { text.to_owned() };
    text.chars().map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect()
}

/// What was said, by name.
pub(crate) struct Words<'p> {
    said: BTreeMap<&'static str, Vec<&'p str>>,
}

impl<'p> Words<'p> {
    pub(crate) fn of(
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
        known: &[&'static [Parameter]],
    ) -> Result<Self, AskError> {
        let mut said: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for (name, text) in pairs {
            let mut all = known.iter().copied().flatten();
            let parameter =
                all.find(|parameter| parameter.name == name).ok_or_else(|| unknown(name, known))?;
            let texts = said.entry(parameter.name).or_default();
            if parameter.is_list {
                texts.extend(text.split(','));
            } else if texts.is_empty() {
                texts.push(text);
            } else {
                return Err(refused(name, "is said twice".to_owned()));
            }
        }
        Ok(Self { said })
    }

    fn all(&self, name: &'static str) -> &[&'p str] {
        self.said.get(name).map_or(&[], Vec::as_slice)
    }

    fn one(&self, name: &'static str) -> Option<&'p str> {
        self.all(name).first().copied()
    }

    /// A value that knows its own rule.
    pub(crate) fn word<T: std::str::FromStr<Err = Invalid>>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, AskError> {
        self.one(name).map(|text| text.parse().map_err(|invalid| invalid_word(name, &invalid))).transpose()
    }

    /// Several of them.
    pub(crate) fn words<T: std::str::FromStr<Err = Invalid>>(
        &self,
        name: &'static str,
    ) -> Result<Vec<T>, AskError> {
        let read = |text: &&str| text.parse().map_err(|invalid| invalid_word(name, &invalid));
        self.all(name).iter().map(read).collect()
    }

    /// A value that is found in a list.
    fn listed<T: Copy>(
        &self,
        name: &'static str,
        values: &[(&'static str, T)],
    ) -> Result<Option<T>, AskError> {
        self.one(name).map(|text| listed(name, text, values)).transpose()
    }

    fn numbers(&self) -> Result<Numbers, AskError> {
        let numbers = [Numbers::Masked, Numbers::Whole].map(|numbers| (numbers.as_str(), numbers));
        Ok(self.listed("numbers", &numbers)?.unwrap_or(Numbers::Masked))
    }

    fn conditions(&self, now_us: i64) -> Result<Conditions, AskError> {
        let zone = self.zone()?;
        let mut filter = self.filter()?;
        let is_one_call = filter.root.is_some() || filter.decision.is_some();
        let [from_us, to_us] = ["from", "to"].map(|name| self.instant(name, &zone, now_us));
        let (from_us, to_us) = (from_us?, to_us?);
        let is_open = is_one_call && from_us.is_none() && to_us.is_none();
        let range = (!is_open).then(|| Range::asked(from_us, to_us, now_us, RANGE_MAX_DAYS));
        if range.is_some_and(|range| range.from_us > range.to_us) {
            return Err(refused("to", "is before from".to_owned()));
        }
        (filter.from_us, filter.to_us) = (range.map(|range| range.from_us), range.map(|range| range.to_us));
        Ok(Conditions { filter, range, zone })
    }

    pub(crate) fn zone(&self) -> Result<Zone, AskError> {
        let Some(name) = self.one("zone") else { return Ok(Zone::UTC) };
        Zone::named(name)
            .map_err(|unknown| AskError { allowed: Zone::names(), ..refused("zone", unknown.to_string()) })
    }

    pub(crate) fn instant(
        &self,
        name: &'static str,
        zone: &Zone,
        now_us: i64,
    ) -> Result<Option<i64>, AskError> {
        let read = |text| instant_or_ago(text, zone, now_us).map_err(|invalid| invalid_word(name, &invalid));
        self.one(name).map(read).transpose()
    }

    fn filter(&self) -> Result<CallFilter, AskError> {
        let text = |name| self.one(name).map(Into::into);
        let [provider, provider_in, provider_out] =
            ["provider", "provider_in", "provider_out"].map(|name| self.provider(name));
        let [caller, called, number] = ["caller", "called", "number"].map(|name| self.number(name));
        let [talk_min, talk_max] = ["talk_min", "talk_max"].map(|name| self.duration(name));
        Ok(CallFilter {
            from_us: None,
            to_us: None,
            nodes: self.nodes()?,
            direction: self.direction()?,
            provider: provider?,
            provider_in: provider_in?,
            provider_out: provider_out?,
            caller: caller?,
            called: called?,
            number: number?,
            dispositions: self.dispositions()?,
            cause: self.word::<Cause>("cause")?.map(Cause::get),
            sip: self.word::<SipCode>("sip")?.map(SipCode::get),
            talk_min_us: talk_min?,
            talk_max_us: talk_max?,
            complete: self.flag("complete")?,
            country: self.word("country")?,
            outcomes: self.outcomes()?,
            root: text("root"),
            decision: text("decision"),
        })
    }

    fn nodes(&self) -> Result<Vec<NodeName>, AskError> {
        let nodes = self.all("node");
        if nodes.len() > CallFilter::NODES_MAX {
            return Err(refused("node", format!("more than {} are too many", CallFilter::NODES_MAX)));
        }
        self.words("node")
    }

    fn direction(&self) -> Result<Option<Direction>, AskError> {
        self.listed("direction", &DIRECTIONS)
    }

    fn outcomes(&self) -> Result<Vec<Outcome>, AskError> {
        let values = Outcome::ALL.map(|outcome| (outcome.word(), outcome));
        let read = |text: &&str| listed("outcome", text, &values);
        let found = self.all("outcome").iter().map(read).collect::<Result<BTreeSet<_>, _>>()?;
        Ok(found.into_iter().collect())
    }

    fn dispositions(&self) -> Result<Vec<Disposition>, AskError> {
        let mut found = Vec::new();
        for text in self.all("disposition") {
            let disposition = listed("disposition", text, &DISPOSITIONS)?;
            if !found.contains(&disposition) {
                found.push(disposition);
            }
        }
        Ok(found)
    }

    pub(crate) fn provider(&self, name: &'static str) -> Result<Option<ProviderId>, AskError> {
        let read = |text: &str| {
            let id = text.parse().ok().filter(|id| *id > 0).map(ProviderId);
            id.ok_or_else(|| {
                refused(name, "is the id of a carrier, a positive number, or its name".to_owned())
            })
        };
        self.one(name).map(read).transpose()
    }

    fn number(&self, name: &'static str) -> Result<Option<NumberMatch>, AskError> {
        let read = |text: &str| {
            if let Some(dialled) = dialled(text) {
                return Ok(NumberMatch::Dialled(dialled.into()));
            }
            let digits = text.strip_prefix('+').unwrap_or(text);
            let wanted = match digits.strip_suffix('*') {
                Some(prefix) => prefix.parse().map(NumberMatch::Prefix),
                None => digits.parse().map(NumberMatch::Exact),
            };
            wanted.map_err(|invalid| invalid_word(name, &invalid))
        };
        self.one(name).map(read).transpose()
    }

    fn duration(&self, name: &'static str) -> Result<Option<i64>, AskError> {
        let read = |text: &str| {
            let us = duration_us(text).or_else(|| duration_us(&format!("{text}s")));
            us.ok_or_else(|| refused(name, "is a length of time such as 90s, 5m or 2h".to_owned()))
        };
        self.one(name).map(read).transpose()
    }

    fn flag(&self, name: &'static str) -> Result<Option<bool>, AskError> {
        self.listed(name, &[("true", true), ("false", false)])
    }

    fn limit(&self) -> Result<u32, AskError> {
        let Some(text) = self.one("limit") else { return Ok(LIMIT) };
        let limit = text.parse().ok().filter(|limit| (1..=CallQuestion::LIMIT_MAX).contains(limit));
        limit.ok_or_else(|| refused("limit", format!("is 1 to {}", CallQuestion::LIMIT_MAX)))
    }
}

/// Longest text that can be looked for as it was dialled, characters.
const DIALLED_CHARS_MAX: usize = 64;

/// What is looked for as it stood on the wire: what somebody says is so, and digits that are no international number.
fn dialled(text: &str) -> Option<&str> {
    if let Some(raw) = text.strip_prefix("raw:") {
        return Some(raw).filter(|raw| (1..=DIALLED_CHARS_MAX).contains(&raw.chars().count()));
    }
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = text.len() < NUMBER_DIGITS_MIN;
    let is_national = text.starts_with('0') && text.len() <= DIALLED_CHARS_MAX;
    Some(text).filter(|_| is_digits && (is_short || is_national))
}

const DIRECTIONS: [(&str, Direction); 2] =
    [("inbound", Direction::Inbound), ("outbound", Direction::Outbound)];

const DISPOSITIONS: [(&str, Disposition); 8] = [
    ("answered", Disposition::Answered),
    ("cancelled", Disposition::Cancelled),
    ("busy", Disposition::Busy),
    ("no_answer", Disposition::NoAnswer),
    ("rejected", Disposition::Rejected),
    ("unavailable", Disposition::Unavailable),
    ("congestion", Disposition::Congestion),
    ("failed", Disposition::Failed),
];

/// A value that is found in a list.
fn listed<T: Copy>(name: &'static str, text: &str, values: &[(&'static str, T)]) -> Result<T, AskError> {
    let found = values.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| refused(name, format!("there is no `{}`", shortened(text))))
}

fn unknown(name: &str, known: &[&'static [Parameter]]) -> AskError {
    let allowed = known.iter().copied().flatten().map(|parameter| parameter.name.to_owned()).collect();
    AskError { parameter: shortened(name), reason: "there is no such parameter".to_owned(), allowed }
}

pub(crate) fn refused(name: &str, reason: String) -> AskError {
    let known = ALL.into_iter().flatten().find(|parameter| parameter.name == name);
    let values = known.into_iter().flat_map(|parameter| parameter.values);
    AskError { parameter: name.to_owned(), reason, allowed: values.map(|&value| value.to_owned()).collect() }
}

fn invalid_word(name: &str, invalid: &Invalid) -> AskError {
    refused(name, invalid.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Serialize;

    use super::*;
    use crate::parameters::STATS;

    /// 2026-11-21 14:00:00 UTC.
    const NOW_US: i64 = 1_795_269_600_000_000;

    fn ask(pairs: &[(&str, &str)]) -> Result<Ask, AskError> {
        Ask::of(pairs.iter().copied(), NOW_US)
    }

    #[test]
    fn every_condition_is_read() {
        let pairs = [
            ("from", "2026-11-21"),
            ("to", "2026-11-21T15:00"),
            ("zone", "Europe/Moscow"),
            ("node", "msk,spb"),
            ("node", "ekb"),
            ("direction", "outbound"),
            ("provider", "1"),
            ("provider_in", "2"),
            ("provider_out", "3"),
            ("caller", "+12025550100"),
            ("called", "4420*"),
            ("number", "12025550101"),
            ("disposition", "busy,no_answer,busy"),
            ("cause", "17"),
            ("sip", "486"),
            ("talk_min", "90"),
            ("talk_max", "5m"),
            ("complete", "true"),
            ("country", "US"),
            ("outcome", "policy,user_busy,policy"),
            ("numbers", "whole"),
            ("root", "7-a-1"),
            ("decision", "7-a-2"),
            ("sort", "-talk"),
            ("limit", "7"),
            ("cursor", "abc"),
        ];
        let Ask { conditions, sort, limit, cursor, numbers } = ask(&pairs).unwrap();
        let exact = |text: &str| text.parse().ok().map(NumberMatch::Exact);
        assert_eq!(
            conditions.filter,
            CallFilter {
                from_us: Some(NOW_US - 17 * 3_600_000_000),
                to_us: Some(NOW_US - 2 * 3_600_000_000),
                nodes: ["msk", "spb", "ekb"].map(|node| node.parse().unwrap()).into(),
                direction: Some(Direction::Outbound),
                provider: Some(ProviderId(1)),
                provider_in: Some(ProviderId(2)),
                provider_out: Some(ProviderId(3)),
                caller: exact("12025550100"),
                called: "4420".parse().ok().map(NumberMatch::Prefix),
                number: exact("12025550101"),
                dispositions: vec![Disposition::Busy, Disposition::NoAnswer],
                cause: Some(17),
                sip: Some(486),
                talk_min_us: Some(90_000_000),
                talk_max_us: Some(300_000_000),
                complete: Some(true),
                country: "US".parse().ok(),
                outcomes: vec![Outcome::UserBusy, Outcome::Policy],
                root: Some("7-a-1".into()),
                decision: Some("7-a-2".into()),
            }
        );
        assert_eq!(
            (sort.as_str(), limit, cursor.as_deref(), conditions.zone.name(), numbers),
            ("-talk", 7, Some("abc"), "Europe/Moscow", Numbers::Whole)
        );
        let said: Vec<_> = pairs.iter().map(|(name, _)| *name).collect();
        let known = [CONDITIONS, NUMBERS, PAGING].into_iter().flatten();
        assert!(known.map(|parameter| parameter.name).all(|name| said.contains(&name)));
    }

    #[test]
    fn what_there_is_to_choose_from_is_listed() {
        for (name, text, one) in [
            ("sort", "colour", "-start"),
            ("disposition", "answered,odd", "no_answer"),
            ("direction", "sideways", "inbound"),
            ("complete", "yes", "false"),
            ("outcome", "answered,lost", "user_busy"),
            ("numbers", "all", "whole"),
            ("zone", "Moscow", "Europe/Moscow"),
            ("colour", "red", "disposition"),
        ] {
            let error = ask(&[(name, text)]).unwrap_err();
            assert_eq!(error.parameter, name);
            assert!(error.allowed.iter().any(|allowed| allowed == one), "{error:?}");
        }
        let only_conditions = Conditions::of([("limit", "5")], NOW_US).unwrap_err();
        assert!(!only_conditions.allowed.contains(&"limit".to_owned()), "{only_conditions}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (name, text) in [
            ("from", "soon"),
            ("node", "a b"),
            ("provider", "0"),
            ("provider_in", "westcall"),
            ("caller", "12a"),
            ("called", "12*3"),
            ("number", "0*"),
            ("cause", "128"),
            ("sip", "99"),
            ("talk_min", "-1"),
            ("talk_max", "long"),
            ("limit", "0"),
            ("limit", "1001"),
            ("limit", "many"),
        ] {
            assert_eq!(ask(&[(name, text)]).unwrap_err().parameter, name, "{text}");
        }
        assert_eq!(ask(&[("sip", "486"), ("sip", "487")]).unwrap_err().reason, "is said twice");
        assert_eq!(ask(&[("from", "1h"), ("to", "2h")]).unwrap_err().parameter, "to");
        let nodes = vec!["n"; CallFilter::NODES_MAX + 1].join(",");
        assert_eq!(ask(&[("node", &nodes)]).unwrap_err().parameter, "node");
        let number = ask(&[("caller", "1202555010099999999")]).unwrap_err().to_string();
        assert!(!number.contains("5550100"), "{number}");
    }

    #[test]
    fn numbers_are_looked_for_as_they_are_written() {
        let caller = |text: &str| ask(&[("caller", text)]).unwrap().conditions.filter.caller.unwrap();
        let dialled = |text: &str| NumberMatch::Dialled(text.into());
        assert_eq!(caller("204"), dialled("204"));
        assert_eq!(caller("00442079460001"), dialled("00442079460001"));
        assert_eq!(caller("raw:84951234567"), dialled("84951234567"));
        assert_eq!(caller("raw:=cmd()"), dialled("=cmd()"));
        assert_eq!(caller("12025550100"), NumberMatch::Exact("12025550100".parse().unwrap()));
        assert_eq!(caller("1202555*"), NumberMatch::Prefix("1202555".parse().unwrap()));
        assert!(!format!("{:?}", caller("raw:84951234567")).contains("1234567"));
        for text in ["", "raw:", "2o4", &format!("raw:{}", "1".repeat(65)), &"0".repeat(65)] {
            assert!(ask(&[("caller", text)]).is_err(), "{text}");
        }
    }

    #[test]
    fn an_audit_keeps_no_numbers() {
        assert_eq!(shown_of_question("caller", "12025550100"), "1202555****");
        assert_eq!(shown_of_question("from", "2026-11-21T14:00"), "2026-11-21T14:00");
        assert_eq!(shown_of_question("root", "a\x1b[2J"), "a\u{fffd}[2J");
    }

    #[test]
    fn an_export_names_its_format() {
        let of = |pairs: &[(&str, &str)]| ExportAsk::of(pairs.iter().copied(), NOW_US);
        let error = of(&[]).unwrap_err();
        assert_eq!((error.parameter.as_str(), error.allowed.len()), ("format", 3));
        let asked = of(&[("format", "csv"), ("cause", "17")]).unwrap();
        assert_eq!((asked.what, asked.numbers), (What::Calls, Numbers::Masked));
        assert!(of(&[("format", "csv"), ("limit", "5")]).is_err());
    }

    #[test]
    fn who_names_one_call_need_name_no_time() {
        assert_eq!(ask(&[]).unwrap().conditions.filter.from_us, Some(NOW_US - 24 * 3_600_000_000));
        assert_eq!(ask(&[("root", "7-a-1")]).unwrap().conditions.filter.from_us, None);
    }

    #[test]
    fn words_are_those_of_records() {
        fn word(value: impl Serialize) -> String {
            serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
        }
        assert!(DIRECTIONS.iter().all(|(text, direction)| word(direction) == *text));
        assert!(DISPOSITIONS.iter().all(|(text, disposition)| word(disposition) == *text));
        let values =
            |name: &str| CONDITIONS.iter().chain(PAGING).find(|known| known.name == name).unwrap().values;
        assert_eq!(values("direction"), DIRECTIONS.map(|(text, _)| text));
        assert_eq!(values("disposition"), DISPOSITIONS.map(|(text, _)| text));
        assert_eq!(values("sort"), CallSort::ALL.map(CallSort::as_str));
        assert_eq!(values("outcome"), Outcome::ALL.map(Outcome::word));
        let of = |list: &[Parameter], name: &str| {
            list.iter().find(|known| known.name == name).unwrap().values.to_vec()
        };
        assert_eq!(of(STATS, "by"), traffic::Dimension::ALL.iter().map(|it| it.word()).collect::<Vec<_>>());
        assert_eq!(of(STATS, "per"), traffic::Per::ALL.iter().map(|it| it.word()).collect::<Vec<_>>());
        assert_eq!(of(STATS, "kind"), traffic::Kind::ALL.iter().map(|it| it.word()).collect::<Vec<_>>());
        assert_eq!(of(EXPORT, "format"), Format::ALL.map(Format::as_str));
        assert_eq!(of(EXPORT, "what"), What::ALL.map(What::as_str));
    }

    proptest! {
        #[test]
        fn no_words_are_too_much(pairs in prop::collection::vec(("[a-z_]{0,12}", "\\PC{0,30}"), 0..6)) {
            let _ = Ask::of(pairs.iter().map(|(name, text)| (name.as_str(), text.as_str())), NOW_US);
        }

        #[test]
        fn no_value_is_too_much(at in 0..CONDITIONS.len(), text in "\\PC{0,30}") {
            let _ = Ask::of([(CONDITIONS[at].name, text.as_str())], NOW_US);
        }
    }
}
