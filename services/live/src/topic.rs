/// What a hint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A generation was activated; the payload is its number.
    Generations,
    /// The working copy was edited.
    Edits,
    /// The calls on a node's board changed; the payload is its name.
    Calls,
}

impl Topic {
    pub const ALL: [Self; 3] = [Self::Generations, Self::Edits, Self::Calls];

    const fn name(self) -> &'static str {
        match self {
            Self::Generations => "generations",
            Self::Edits => "edits",
            Self::Calls => "calls",
        }
    }

    /// The Redis channel of an installation: `dialplane:PREFIX:generations`.
    pub(crate) fn channel(self, prefix: &str) -> String {
        format!("dialplane:{prefix}:{}", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_topic_stands_at_its_own_place() {
        for (place, topic) in Topic::ALL.into_iter().enumerate() {
            assert_eq!(topic as usize, place);
        }
    }
}
