//! The stories that are told twice.

use laboratory::{
    asterisk::{PLANS, Plan},
    pool::{self, Customer, Gate, Leased},
    tables::{self, EMERGENCIES, Journey, WITHOUT_RIGHTS},
};

/// Who calls.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    Phone(&'static str),
    Carrier(&'static str),
}

/// What the INVITEs of a story and no other have in common.
pub(super) enum Key {
    /// The end of the number called at a carrier.
    Called(String),
    /// The number called at a carrier, and the address of the node.
    CalledFrom(&'static str, &'static str),
    /// A part of the caller as phones are shown it.
    Caller(String),
}

pub(super) struct Story {
    /// Among the stories of its node.
    pub(super) place: usize,
    pub(super) by: By,
    pub(super) to: String,
    pub(super) from: Option<String>,
    pub(super) header: Option<&'static str>,
    pub(super) key: Key,
    pub(super) ends: Ends,
}

/// What has to come of a story.
pub(super) struct Ends {
    /// Who is called, in order.
    pub(super) tried: Vec<String>,
    /// The SIP status the caller hears in the end.
    pub(super) heard: u16,
}

/// The phones whose calls to others of ours no other story places.
const CALLERS: [&str; 4] = ["1021", "1022", "1023", "1024"];
const PLAIN: &str = CALLERS[0];
/// With a number, premium class and class without a number of their own choice.
const WITH_A_WISH: &str = "1002";
const PREMIUM: &str = "1003";
const NONCLI: &str = "1004";

const PRIVACY: Option<&str> = Some("Privacy: id");
const ANONYMOUS: &str = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";
/// Who calls from outside unless it matters.
const SOMEBODY: &str = "12025550157";

pub(super) fn stories(node: &str) -> Vec<Story> {
    let position = PLANS.iter().position(|plan| plan.name == node).unwrap();
    let plan = |further: usize| PLANS[(position + further) % PLANS.len()];
    let mut list = List { here: plan(0), next: plan(1), stories: vec![] };
    list.what_carriers_say();
    list.what_is_shown();
    list.ways_to_dial();
    list.gates();
    list.phones();
    list.emergencies();
    list.incoming();
    list.refused_outside();
    list.managers();
    list.stories
}

struct List {
    here: Plan,
    next: Plan,
    stories: Vec<Story>,
}

impl List {
    /// A call of a phone along a journey, and the carriers that hear of it.
    fn journey(&mut self, by: &'static str, journey: Journey, tried: &[&str], heard: u16) -> &mut Story {
        let number = journey.number_of_twin(self.here.name, self.stories.len());
        let tried = tried.iter().map(|&carrier| carrier.to_owned()).collect();
        self.add(By::Phone(by), number.clone(), Key::Called(number), Ends { tried, heard })
    }

    fn add(&mut self, by: By, to: String, key: Key, ends: Ends) -> &mut Story {
        let place = self.stories.len();
        self.stories.push(Story { place, by, to, from: None, header: None, key, ends });
        &mut self.stories[place]
    }

    fn what_carriers_say(&mut self) {
        let goes_on = [
            tables::AFTER_302,
            tables::AFTER_503,
            tables::AFTER_183_AND_503,
            tables::AFTER_HOSTILE_503,
            tables::AFTER_403,
            tables::AFTER_408,
            tables::AFTER_500,
            tables::ANSWERED,
        ];
        for journey in goes_on {
            self.journey(PLAIN, journey, journey.carriers, 200);
        }
        let ends = [
            (tables::AFTER_404, 404),
            (tables::AFTER_480, 480),
            (tables::AFTER_486, 486),
            (tables::AFTER_603, 403),
            (tables::AFTER_RINGING, 480),
        ];
        for (journey, heard) in ends {
            self.journey(PLAIN, journey, &journey.carriers[..1], heard);
        }
        self.journey(PLAIN, tables::ALL_FAIL, tables::ALL_FAIL.carriers, 503);
    }

    fn what_is_shown(&mut self) {
        let carrier = &["answers-too"];
        for journey in [tables::OWN_POOL, tables::ANY_NUMBER, tables::FIXED_NUMBER] {
            for phone in [PLAIN, WITH_A_WISH] {
                self.journey(phone, journey, carrier, 200);
            }
            self.journey(WITH_A_WISH, journey, carrier, 200).header = PRIVACY;
        }
        self.journey(WITH_A_WISH, tables::ANY_NUMBER, carrier, 200).from = Some(ANONYMOUS.into());
        for phone in [PLAIN, PREMIUM, NONCLI] {
            self.journey(phone, tables::TARIFFS, carrier, 200);
        }
    }

    fn ways_to_dial(&mut self) {
        for (international, prefix) in [("44", "+44"), ("44", "0044"), ("44", "0"), ("", "00")] {
            let story = self.journey(PLAIN, tables::ANSWERED, &["answers"], 200);
            let rest = story.to.strip_prefix(international).unwrap();
            story.to = format!("{prefix}{rest}");
        }
    }

    /// Through the gates of this node, and over a hop through those of the others.
    fn gates(&mut self) {
        for plan in PLANS {
            for (carrier, tried, heard) in [
                ("gate-answers", &["gate-answers"][..], 200),
                ("gate-busy", &["gate-busy"], 486),
                ("gate-fails", &["gate-fails", "answers"], 200),
            ] {
                self.journey(PLAIN, Gate::of(plan.name, carrier).journey(), tried, heard);
            }
        }
    }

    fn phones(&mut self) {
        let (here, next) = (self.here.name, self.next.name);
        let calls = [
            (here, "1010", Some("1010"), 200),
            (here, "1011", Some("1011"), 486),
            (here, "1003", None, 480),
            (next, "1012", Some("1012"), 200),
        ];
        for (by, (node, phone, rung, heard)) in CALLERS.into_iter().zip(calls) {
            let key = Key::Caller(format!("sip:{}@", tables::extension(here, by)));
            let tried = rung.map(|phone| format!("{phone} of {node}")).into_iter().collect();
            let to = tables::extension(node, phone);
            self.add(By::Phone(by), to, key, Ends { tried, heard });
        }
        let number = tables::ANSWERED.number_of_twin(here, self.stories.len());
        let nobody = || Key::Caller("nobody rings".into());
        for (by, to, heard) in [(PLAIN, "12", 484), (PLAIN, "00", 484), (WITHOUT_RIGHTS, &number, 403)] {
            self.add(By::Phone(by), to.into(), nobody(), Ends { tried: vec![], heard });
        }
    }

    fn emergencies(&mut self) {
        let callers = [(PLAIN, None), (WITHOUT_RIGHTS, None), (PLAIN, PRIVACY)];
        for (number, (by, header)) in EMERGENCIES.into_iter().skip(1).zip(callers) {
            let key = Key::CalledFrom(number, self.here.address);
            let tried = vec!["answers".into()];
            self.add(By::Phone(by), number.into(), key, Ends { tried, heard: 200 }).header = header;
        }
    }

    /// A call from outside; the name it shows is its own.
    fn outside(
        &mut self,
        carrier: &'static str,
        caller: &str,
        to: String,
        tried: &[(&str, Plan)],
        heard: u16,
    ) -> &mut Story {
        let key = format!("\"twin {} of {}\"", self.stories.len(), self.here.name);
        let from = format!("{key} <sip:+{caller}@203.0.113.99>");
        let tried = tried.iter().map(|(phone, plan)| format!("{phone} of {}", plan.name)).collect();
        let story = self.add(By::Carrier(carrier), to, Key::Caller(key), Ends { tried, heard });
        story.from = Some(from);
        story
    }

    fn incoming(&mut self) {
        let (here, next) = (self.here, self.next);
        let number = |leased: Leased, plan: Plan| leased.number(plan.name);
        let phone = number(pool::PHONE, here);
        let written = [phone.clone(), format!("+{phone}"), format!("0{}", &phone[2..])];
        for to in written {
            self.outside("leases", SOMEBODY, to, &[("1010", here)], 200);
        }
        self.outside("leases", SOMEBODY, number(pool::GROUP, here), &[("1012", here)], 200);
        self.outside("leases", SOMEBODY, number(pool::PHONE, next), &[("1010", next)], 200);
        self.outside("leases", SOMEBODY, number(pool::GROUP, next), &[("1012", next)], 200);
        self.outside("leases", SOMEBODY, number(pool::ECHO, here), &[], 200);
        self.outside("leases", SOMEBODY, number(pool::PLACE, here), &[], 410);
        self.outside("leases", SOMEBODY, number(pool::PLACE, here), &[], 410).from = Some(ANONYMOUS.into());
    }

    fn refused_outside(&mut self) {
        let number = |leased: Leased| leased.number(self.here.name);
        let calls = [
            ("leases", number(pool::UNASSIGNED), 404),
            ("leases", number(pool::DISABLED), 404),
            ("leases", number(pool::OUTGOING_ONLY), 403),
            ("leases", number(pool::OTHER_PROVIDERS), 403),
            ("leases", "442079461998".into(), 404),
            ("leases", "s".into(), 404),
            ("unlisted", number(pool::PHONE), 403),
            ("answers", number(pool::PHONE), 403),
        ];
        for (carrier, to, heard) in calls {
            self.outside(carrier, SOMEBODY, to, &[], heard);
        }
    }

    fn managers(&mut self) {
        let (here, next) = (self.here, self.next);
        let (group, place) = (pool::GROUP.number(here.name), pool::PLACE.number(here.name));
        let caller = |customer: Customer, plan: Plan| customer.number(plan.name);
        let (answered, busy) = (caller(pool::TWICE, here), caller(pool::TWICE_BUSY, here));
        self.outside("leases", &answered, group.clone(), &[("1010", here)], 200);
        self.outside("leases", &busy, group.clone(), &[("1011", here), ("1012", here)], 200);
        self.outside("leases", &busy, place, &[("1011", here)], 410);
        self.outside("leases", &caller(pool::TWICE, next), group, &[("1010", next)], 200);
    }
}
