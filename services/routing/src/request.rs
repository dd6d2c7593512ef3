use domain::{Class, NodeName, Presentation};

/// One question of a dialplan, from a node that has proved who it is.
///
/// What a caller can write (`to`, and with some phones `cli`) is still text here: which numbers are legal depends on
/// the node's country, so [`decide`](crate::decide()) parses it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The node that asks.
    pub node: &'a NodeName,
    /// The call's id on that node (Asterisk's linkedid): the splits between carriers hang on it.
    pub call: &'a str,
    /// The authenticated endpoint or peer that calls.
    pub endpoint: &'a str,
    /// What was dialled.
    pub to: &'a str,
    /// The number to show, where the dialplan asks for a certain one.
    pub cli: Option<&'a str>,
    /// Whether the caller withholds the number.
    pub presentation: Presentation,
    /// The class, where the dialplan asks for a certain one.
    pub class: Option<Class>,
}
