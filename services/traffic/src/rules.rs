//! Rules that say what became of an attempt. They are settings of the analysis, not of the routing: no generation holds
//! them, and editing one changes the past as well as the future.

use std::fmt;

use domain::Invalid;

use crate::{outcome::Outcome, published};

/// Most rules that are read.
pub const RULES_MAX: usize = 1_000;

/// What is known of an attempt that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen<'a> {
    /// Q.850, of the channel that was called; 0 and 127 say nothing.
    pub cause: Option<u16>,
    /// The SIP code it ended with, or the last one before.
    pub sip: Option<u16>,
    /// As `DialEnd` writes it, which is not the dialplan's.
    pub dialstatus: Option<&'a str>,
    pub rang: bool,
    pub answered: bool,
    /// Whether all there was to hear of its call was heard: if not, what is missing may have happened.
    pub complete: bool,
}

/// Numbers from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    from: u16,
    to: u16,
}

impl Span {
    pub fn new(from: u16, to: u16) -> Result<Self, Invalid> {
        let seen = || format!("{from}-{to}");
        if from <= to { Ok(Self { from, to }) } else { Err(Invalid::new("a range", "in order", &seen())) }
    }

    pub fn from(self) -> u16 {
        self.from
    }

    pub fn to(self) -> u16 {
        self.to
    }

    fn holds(self, number: u16) -> bool {
        (self.from..=self.to).contains(&number)
    }
}

/// `403` or `500-599`.
impl std::str::FromStr for Span {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let number = |text: &str| {
            text.parse().map_err(|_| Invalid::new("a range", "a number, or two with a dash between", text))
        };
        Self::new(number(from)?, number(to)?)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to { write!(f, "{}", self.from) } else { write!(f, "{}-{}", self.from, self.to) }
    }
}

/// One rule. What is None is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The rule with the lowest priority that fits decides.
    pub priority: i64,
    pub sip: Option<Span>,
    pub cause: Option<Span>,
    pub dialstatus: Option<Box<str>>,
    pub rang: Option<bool>,
    pub outcome: Outcome,
    pub comment: Box<str>,
}

/// Whether a rule is about an attempt.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Yes,
    No,
    /// It would hang on what nobody heard.
    Unknown,
}

impl Rule {
    fn fit(&self, seen: &Seen<'_>) -> Fit {
        let holds = |span: Option<Span>, number: Option<u16>| {
            span.is_none_or(|span| number.is_some_and(|number| span.holds(number)))
        };
        let status = self.dialstatus.as_deref().is_none_or(|status| seen.dialstatus == Some(status));
        if !status || !holds(self.sip, seen.sip) || !holds(self.cause, seen.cause) {
            return Fit::No;
        }
        match self.rang {
            None => Fit::Yes,
            Some(rang) if rang == seen.rang && (rang || seen.complete) => Fit::Yes,
            Some(_) if !seen.rang && !seen.complete => Fit::Unknown,
            Some(_) => Fit::No,
        }
    }
}

/// The rules in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    pub fn new(mut rules: Vec<Rule>) -> Self {
        rules.sort_by_key(|rule| rule.priority);
        Self(rules)
    }

    /// Those that fresh tables hold.
    pub fn published() -> Self {
        Self::new(published::rules())
    }

    pub fn as_slice(&self) -> &[Rule] {
        &self.0
    }

    /// What became of an attempt.
    pub fn outcome(&self, seen: &Seen<'_>) -> Outcome {
        self.decide(seen).0
    }

    /// The same, with the rule that said so.
    pub fn decide(&self, seen: &Seen<'_>) -> (Outcome, Option<&Rule>) {
        if seen.answered {
            return (Outcome::Answered, None);
        }
        // It may have been answered when nobody listened.
        if !seen.complete && seen.dialstatus.is_none() {
            return (Outcome::Unknown, None);
        }
        let fits = self.0.iter().map(|rule| (rule.fit(seen), rule)).find(|(fit, _)| *fit != Fit::No);
        match fits {
            None => (Outcome::Other, None),
            Some((Fit::Unknown, rule)) => (Outcome::Unknown, Some(rule)),
            Some((_, rule)) => (rule.outcome, Some(rule)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Outcome::{
        Answered, AnsweredElsewhere, CallerGaveUp, Network, NoAnswer, Other, Policy, RejectedByUser,
        Subscriber, Unknown, UserBusy,
    };

    /// `cause sip dialstatus`, a dash for what is not known.
    fn seen(text: &str, rang: bool) -> Seen<'_> {
        let mut words = text.split(' ').map(|word| Some(word).filter(|word| *word != "-"));
        let mut next = || words.next().flatten();
        let number = |word: Option<&str>| word.map(|word| word.parse().unwrap());
        let (cause, sip) = (number(next()), number(next()));
        Seen { cause, sip, dialstatus: next(), rang, answered: false, complete: true }
    }

    fn outcome(text: &str, rang: bool) -> Outcome {
        Rules::published().outcome(&seen(text, rang))
    }

    /// As Asterisk 16 and 22 write it, with `chan_sip` and PJSIP.
    #[test]
    fn what_asterisk_writes_is_understood() {
        for (text, rang, expected) in [
            ("17 - BUSY", false, UserBusy),
            ("17 486 BUSY", false, UserBusy),
            ("34 503 CONGESTION", false, Network),
            ("34 - CONGESTION", false, Network),
            ("38 500 NOANSWER", false, Network),
            ("1 404 NOANSWER", false, Subscriber),
            ("1 - NOANSWER", false, Subscriber),
            // 480 and 603, whatever the channel driver calls them.
            ("19 480 BUSY", false, Subscriber),
            ("19 480 NOANSWER", true, NoAnswer),
            ("21 603 BUSY", false, RejectedByUser),
            ("21 603 CHANUNAVAIL", true, RejectedByUser),
            // Ringing until the Dial ran out of time: the cause is whatever the driver likes.
            ("0 - NOANSWER", true, NoAnswer),
            ("16 - NOANSWER", true, NoAnswer),
            ("127 - NOANSWER", true, NoAnswer),
            ("16 180 NOANSWER", false, NoAnswer),
            ("16 183 NOANSWER", false, NoAnswer),
            // Originate does without a DialEnd.
            ("16 - -", true, NoAnswer),
            ("19 480 -", true, NoAnswer),
            // The caller left: a cancelled leg ends with 127 and 500.
            ("127 500 CANCEL", true, NoAnswer),
            ("127 500 CANCEL", false, CallerGaveUp),
            ("0 487 CANCEL", false, CallerGaveUp),
            ("16 - CANCEL", false, CallerGaveUp),
            ("26 - CANCEL", true, AnsweredElsewhere),
            ("26 - NOANSWER", true, AnsweredElsewhere),
            // Nobody there.
            ("0 - NOANSWER", false, Network),
            ("20 - CHANUNAVAIL", false, Subscriber),
            ("3 - CHANUNAVAIL", false, Network),
            ("66 - CHANUNAVAIL", false, Network),
            ("- - CHANUNAVAIL", false, Network),
            ("- - CONGESTION", false, Network),
            ("- - BUSY", false, UserBusy),
            ("- - -", false, Other),
            ("16 - -", false, Other),
            ("31 200 DONTCALL", false, Other),
        ] {
            assert_eq!(outcome(text, rang), expected, "{text}, rang {rang}");
        }
    }

    #[test]
    fn what_a_carrier_forbids_is_never_what_a_person_declines() {
        for rang in [false, true] {
            for status in ["CHANUNAVAIL", "BUSY", "NOANSWER", "CONGESTION", "-"] {
                assert_eq!(outcome(&format!("21 403 {status}"), rang), Policy, "{status}");
                assert_eq!(outcome(&format!("21 603 {status}"), rang), RejectedByUser, "{status}");
                assert_eq!(outcome(&format!("21 608 {status}"), rang), Policy, "{status}");
            }
        }
        assert_eq!(outcome("21 - CHANUNAVAIL", false), Policy);
        assert_eq!(outcome("21 - BUSY", true), RejectedByUser);
    }

    #[test]
    fn every_code_and_cause_has_a_class() {
        for sip in (300..700).filter(|sip| *sip != 487) {
            let now = outcome(&format!("- {sip} -"), false);
            assert!(now.is_ruled() && now != Other, "{sip} is {now}");
        }
        for cause in (1..=126).filter(|cause| !(6..=16).contains(cause) && !(24..34).contains(cause)) {
            let now = outcome(&format!("{cause} - -"), false);
            assert!(now.is_ruled() && now != Other, "{cause} is {now}");
        }
    }

    #[test]
    fn every_rule_decides_something() {
        let rules = Rules::published();
        let number = |span: Option<Span>| span.map(Span::to);
        for rule in rules.as_slice() {
            let seen = Seen {
                cause: number(rule.cause),
                sip: number(rule.sip),
                dialstatus: rule.dialstatus.as_deref(),
                rang: rule.rang.unwrap_or_default(),
                answered: false,
                complete: true,
            };
            // Of a range some other rule may have taken the end.
            let spans = [rule.sip, rule.cause].into_iter().flatten().flat_map(|span| span.from()..=span.to());
            let numbers: Vec<_> = spans.map(Some).chain([None]).collect();
            let decides = numbers.iter().any(|number| {
                let one = Seen { sip: rule.sip.and(*number), cause: rule.cause.and(*number), ..seen };
                rules.decide(&one).1 == Some(rule)
            });
            assert!(decides, "{rule:?}");
        }
    }

    #[test]
    fn answers_are_facts_whatever_the_rules_say() {
        for text in ["34 503 CONGESTION", "21 403 -", "- - -"] {
            assert_eq!(Rules::published().outcome(&Seen { answered: true, ..seen(text, false) }), Answered);
        }
    }

    #[test]
    fn what_nobody_heard_is_unknown() {
        let of = |text, rang| Rules::published().outcome(&Seen { complete: false, ..seen(text, rang) });
        // It may have been answered.
        assert_eq!((of("17 486 -", true), of("- - -", false)), (Unknown, Unknown));
        // How the Dial ended was heard, and that is enough, unless it hangs on whether it rang.
        assert_eq!((of("34 503 CONGESTION", false), of("17 - BUSY", false)), (Network, UserBusy));
        assert_eq!((of("- - NOANSWER", true), of("- - NOANSWER", false)), (NoAnswer, Unknown));
        assert_eq!((of("- - CANCEL", true), of("- - CANCEL", false)), (NoAnswer, Unknown));
    }

    #[test]
    fn the_lowest_priority_decides() {
        let rule = |priority, outcome| Rule {
            priority,
            sip: "500-503".parse().ok(),
            cause: None,
            dialstatus: None,
            rang: None,
            outcome,
            comment: "".into(),
        };
        let rules = Rules::new(vec![rule(2, Network), rule(-1, Policy), rule(1, UserBusy)]);
        assert_eq!(rules.decide(&seen("- 500 -", false)).1.map(|rule| rule.priority), Some(-1));
        assert_eq!(rules.outcome(&seen("- 503 -", false)), Policy);
        assert_eq!(rules.outcome(&seen("- 504 -", false)), Other);
        assert_eq!(rules.outcome(&seen("34 - -", false)), Other);
    }

    #[test]
    fn ranges_are_read_back() {
        for text in ["0", "403", "500-599", "65535"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        for wrong in ["", "-", "1-", "-1", "2-1", "65536", "1-2-3", "x", "１"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
