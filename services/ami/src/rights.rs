use std::fmt;

use crate::{ReadClass, Watch};

/// Something the account of a session, or the node's `manager.conf`, lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// `read =` has no such class.
    Read(ReadClass),
    /// `write =` has no class that allows these actions.
    Actions(Vec<&'static str>),
    /// `channelvars =` does not name these.
    Variables(Vec<Box<str>>),
    /// `timestampevents` is not `yes`.
    Timestamps,
}

/// What is missing, and what that costs.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(class) => write!(f, "the account does not read `{}`: {}", class.name(), cost(*class)),
            Self::Actions(actions) => write!(
                f,
                "the account may not send {}: after a reconnect it stays unknown which calls are still up \
                 (write = reporting)",
                actions.join(", ")
            ),
            Self::Variables(names) => write!(
                f,
                "channelvars does not bring {}: records do not tell which decision a call followed",
                names.join(", ")
            ),
            Self::Timestamps => {
                write!(f, "timestampevents is not yes: times are those of reception, not of the event")
            }
        }
    }
}

const fn cost(class: ReadClass) -> &'static str {
    match class {
        ReadClass::System => {
            "a restart is told from a broken line later, by asking (if the node has just started, this goes away)"
        }
        ReadClass::Call => "no call is recorded",
        ReadClass::User => "the dialplan's own reports of attempts are missing",
        ReadClass::Agent => "queues and their members are missing",
    }
}

/// The lines of `manager.conf` that such a session needs, to be pasted; the secret is left to whoever does.
pub fn manager_conf(username: &str, watch: &Watch) -> String {
    let classes: Vec<&str> = watch.classes.iter().map(|class| class.name()).collect();
    let variables = match &*watch.variables {
        [] => String::new(),
        names => format!("channelvars = {}\n", names.join(",")),
    };
    let read = classes.join(",");
    format!("[general]\ntimestampevents = yes\n{variables}\n[{username}]\nread = {read}\nwrite = reporting\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_those_of_the_sample() {
        let sample = include_str!("../../../dialplan/samples/manager.conf");
        for line in manager_conf("dialplane", &Watch::default()).lines() {
            assert!(sample.lines().any(|shipped| shipped == line), "{line}");
        }
    }

    #[test]
    fn every_finding_names_what_to_write() {
        let shown = |finding: Finding| finding.to_string();
        for class in ReadClass::ALL {
            assert!(shown(Finding::Read(class)).contains(&format!("`{}`", class.name())));
        }
        assert!(shown(Finding::Actions(vec!["Status"])).contains("write = reporting"));
        assert!(shown(Finding::Variables(vec!["DP_ID".into()])).contains("channelvars does not bring DP_ID"));
        assert!(shown(Finding::Timestamps).contains("timestampevents"));
    }
}
