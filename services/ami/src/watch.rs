use asterisk::ami::Filter;

/// A class of events, as `read` in `manager.conf` names it; only those that somebody here wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadClass {
    /// `FullyBooted`, `Shutdown`, `Reload`, reachability of peers.
    System,
    /// Channels, dials, bridges, transfers, parking.
    Call,
    /// What the dialplan reports.
    User,
    /// Queues and their members.
    Agent,
}

impl ReadClass {
    pub const ALL: [Self; 4] = [Self::System, Self::Call, Self::User, Self::Agent];

    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Call => "call",
            Self::User => "user",
            Self::Agent => "agent",
        }
    }
}

/// What a session wants to hear.
///
/// The classes are asked for at the login, which takes no right and works everywhere; it keeps out `VarSet`, `Newexten`,
/// RTCP and the rest of the noise even if the account may read everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    pub classes: Vec<ReadClass>,
    /// Events of these classes that nobody wants. Kept out where the account may add filters (`write = system`).
    pub without: Vec<&'static str>,
    /// What `channelvars` has to bring.
    pub variables: Vec<Box<str>>,
}

/// What call records need.
impl Default for Watch {
    fn default() -> Self {
        Self {
            classes: ReadClass::ALL.to_vec(),
            without: vec!["CEL", "DeviceStateChange", "ExtensionStatus"],
            variables: ["DP_ROOT", "DP_ID", "DP_N", "DP_VERB"].map(Into::into).to_vec(),
        }
    }
}

/// What is said to a node in order that some events stay away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exclusion {
    Expression(String),
    Criteria(String),
}

impl Exclusion {
    pub(crate) fn filter(&self) -> Filter<'_> {
        match self {
            Self::Expression(text) => Filter::Expression(text),
            Self::Criteria(criteria) => Filter::Criteria { criteria, text: "" },
        }
    }
}

impl Watch {
    /// Names of events are letters and digits; others would mean something to an expression, and are left out.
    pub(crate) fn exclusions(&self, version: &str) -> Vec<Exclusion> {
        let plain = |name: &&&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let names: Vec<&str> = self.without.iter().filter(plain).copied().collect();
        if names.is_empty() {
            return Vec::new();
        }
        if knows_criteria(version) {
            let criteria = |name: &&str| Exclusion::Criteria(format!("name({name}),action(exclude)"));
            return names.iter().map(criteria).collect();
        }
        // Anchored at both ends: it is matched against the whole event, and a caller's name may hold `Event: CEL`.
        vec![Exclusion::Expression(format!("!^Event: ({})[[:space:]]", names.join("|")))]
    }
}

/// Asterisk 20.13, 21.8, 22.3 and later compare names; before there are regular expressions only.
fn knows_criteria(version: &str) -> bool {
    let mut numbers = version.split(['.', '-', '~']).map(|part| part.parse::<u32>().ok());
    let (Some(Some(major)), Some(Some(minor))) = (numbers.next(), numbers.next()) else { return false };
    match major {
        20 => minor >= 13,
        21 => minor >= 8,
        22 => minor >= 3,
        _ => major > 22,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_apart() {
        for version in ["20.13.0", "21.8.0", "22.3.0", "22.10.1~dfsg", "23.0.0", "24.1"] {
            assert!(knows_criteria(version), "{version}");
        }
        for version in
            ["", "16.28.0~dfsg-0+deb11u4", "18.26.4", "20.12.9", "21.7.0", "22.2.0", "GIT-master", "22"]
        {
            assert!(!knows_criteria(version), "{version}");
        }
    }

    #[test]
    fn each_version_gets_what_it_understands() {
        let watch = Watch { without: vec!["CEL", "ExtensionStatus", ".*"], ..Watch::default() };
        let old = watch.exclusions("16.28.0");
        assert_eq!(old, [Exclusion::Expression("!^Event: (CEL|ExtensionStatus)[[:space:]]".into())]);
        let new = watch.exclusions("22.10.1");
        assert_eq!(new[0], Exclusion::Criteria("name(CEL),action(exclude)".into()));
        assert_eq!(new.len(), 2);
        assert_eq!(Watch { without: vec![], ..watch }.exclusions("16"), []);
    }
}
