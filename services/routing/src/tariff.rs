use domain::{Class, Digits};

/// The prefix of each class. Without any prefix every class goes plainly; with one, a class without is not sold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tariff {
    prefixes: [Option<Digits>; Class::ALL.len()],
}

impl Tariff {
    pub(crate) fn new(noncli: Option<Digits>, cli: Option<Digits>, premium: Option<Digits>) -> Self {
        let mut prefixes = [None; Class::ALL.len()];
        prefixes[Class::NonCli as usize] = noncli;
        prefixes[Class::Cli as usize] = cli;
        prefixes[Class::Premium as usize] = premium;
        Self { prefixes }
    }

    pub(crate) fn sells(&self, class: Class) -> bool {
        self.prefix(class).is_some() || self.prefixes.iter().all(Option::is_none)
    }

    pub(crate) fn prefix(&self, class: Class) -> Option<Digits> {
        self.prefixes[class as usize]
    }
}
