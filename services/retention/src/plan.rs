use domain::NodeName;
use store::{RecordedNode, RetentionRule};

const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;

/// What is to be done with the records of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub node: NodeName,
    /// Numbers of calls that began before are masked, microseconds of UTC; None: none.
    pub mask_before_us: Option<i64>,
    /// Records of calls that began before are removed; None: none.
    pub remove_before_us: Option<i64>,
}

/// A node goes by the rule of its country, or else by that of all others; where there is neither, its records stay.
pub fn plans(nodes: &[RecordedNode], rules: &[RetentionRule], now_us: i64) -> Vec<Plan> {
    let of = |node: &RecordedNode| {
        let own = rules.iter().find(|rule| rule.country.is_some() && rule.country == node.country);
        let rule = own.or_else(|| rules.iter().find(|rule| rule.country.is_none()))?;
        let before = |days: Option<u16>| days.map(|days| now_us.saturating_sub(i64::from(days) * DAY_US));
        Some(Plan {
            node: node.node.clone(),
            mask_before_us: before(rule.mask_days),
            remove_before_us: before(rule.remove_days),
        })
    };
    nodes.iter().filter_map(of).collect()
}

/// Before when every node's records are removed; None: on one of them they stay.
pub(crate) fn whole_before_us(nodes: &[RecordedNode], plans: &[Plan]) -> Option<i64> {
    let of = |node: &RecordedNode| plans.iter().find(|plan| plan.node == node.node)?.remove_before_us;
    nodes.iter().map(of).min().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(country: Option<&str>, mask_days: Option<u16>, remove_days: Option<u16>) -> RetentionRule {
        RetentionRule {
            country: country.map(|country| country.parse().unwrap()),
            mask_days,
            remove_days,
            floor_days: 0,
            ceiling_days: None,
            comment: String::new(),
        }
    }

    fn node(name: &str, country: Option<&str>) -> RecordedNode {
        RecordedNode { node: name.parse().unwrap(), country: country.map(|country| country.parse().unwrap()) }
    }

    #[test]
    fn a_node_goes_by_its_country_or_by_the_rest() {
        let nodes = [node("moscow", Some("RU")), node("london", Some("GB")), node("gone", None)];
        let now_us = 1_000 * DAY_US;
        let rules = [rule(None, None, Some(900)), rule(Some("RU"), Some(30), Some(365))];
        let told: Vec<_> = plans(&nodes, &rules, now_us)
            .into_iter()
            .map(|plan| (plan.node.to_string(), plan.mask_before_us, plan.remove_before_us))
            .collect();
        let days = |days: i64| Some(days * DAY_US);
        assert_eq!(
            told,
            [
                ("moscow".to_owned(), days(970), days(635)),
                ("london".to_owned(), None, days(100)),
                ("gone".to_owned(), None, days(100))
            ]
        );
        assert_eq!(plans(&nodes, &rules[1..], now_us).len(), 1);
        assert_eq!(plans(&nodes, &[], now_us), []);
    }
    #[test]
    fn a_month_waits_for_the_node_that_keeps_longest() {
        let nodes = [node("moscow", Some("RU")), node("london", Some("GB"))];
        let now_us = 1_000 * DAY_US;
        let before_us = |rules: &[RetentionRule]| whole_before_us(&nodes, &plans(&nodes, rules, now_us));
        let rules =
            [rule(Some("RU"), None, Some(365)), rule(None, None, Some(30)), rule(Some("GB"), Some(1), None)];
        assert_eq!(before_us(&rules[..2]), Some(635 * DAY_US));
        assert_eq!(before_us(&rules), None, "London keeps all");
        assert_eq!(before_us(&rules[..1]), None, "no rule is about London");
        assert_eq!(whole_before_us(&[], &[]), None);
    }
}
