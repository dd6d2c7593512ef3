//! Everything at once: carriers, a router with the laboratory's data, and the nodes that ask it.

use std::{sync::OnceLock, thread};

use crate::{
    asterisk::{Node, PLANS},
    carriers,
    namespace::Run,
    router::{Data, PORT, Router},
    tables::View,
};

/// Where the phone 1016 and one carrier have their calls decided.
const DISSENTING_PORT: u16 = 8064;

#[derive(Debug)]
pub struct Stack {
    pub nodes: Vec<Node>,
    pub router: Router,
    /// One whose data disagree with the other's.
    _dissenter: Router,
}

static STACK: OnceLock<Stack> = OnceLock::new();

/// The one laboratory of this run, started when first asked for.
pub fn stack() -> &'static Stack {
    STACK.get_or_init(|| {
        // Before the nodes, which ask them at once whether they are there.
        carriers::start();
        let data = &Data::import(PORT, View::Common);
        thread::scope(|scope| {
            let nodes = PLANS.map(|plan| scope.spawn(move || Node::start(plan, data)));
            let dissenter = scope.spawn(|| Data::import(DISSENTING_PORT, View::Dissenting).serve());
            let router = data.serve();
            let nodes: Vec<Node> =
                nodes.into_iter().map(|node| node.join().expect("every node starts")).collect();
            for node in &nodes {
                eprintln!("laboratory: {} is Asterisk {}", node.plan.name, node.version);
            }
            let dissenter = dissenter.join().expect("the dissenting router starts");
            Stack { nodes, router, _dissenter: dissenter }
        })
    })
}

/// One of its nodes.
pub fn node(name: &str) -> &'static Node {
    stack().nodes.iter().find(|node| node.plan.name == name).unwrap_or_else(|| panic!("no node {name}"))
}

/// Asterisk's sources that speak up when a dialplan is wrong: a quote in an expression, a label or function that does
/// not exist, a variable for a channel that is gone.
const DIALPLAN_SOURCES: [&str; 8] = [
    "ast_expr2",
    "pbx.c",
    "pbx_variables.c",
    "pbx_functions.c",
    "func_global.c",
    "func_hangupcause.c",
    "func_strings.c",
    "app_stack.c",
];

/// The file that hostile values try to make, as a command of theirs would name it inside a root folder: `/lab/smuggled`.
const SMUGGLED: &str = "smuggled";

/// What speaks against the dialplan, whatever the stories made of it: the nodes' own complaints, and a command run.
pub fn complaints() -> Vec<String> {
    let nodes = STACK.get().map(|stack| stack.nodes.as_slice()).unwrap_or_default();
    let is_complaint = |line: &&str| {
        (line.contains("] WARNING[") || line.contains("] ERROR["))
            && DIALPLAN_SOURCES.iter().any(|source| line.contains(source))
    };
    let logs: Vec<String> = nodes.iter().map(Node::log).collect();
    let complaints = logs.iter().flat_map(|log| log.lines().filter(is_complaint).map(str::to_owned));
    let smuggled = Run::current().folder.join(SMUGGLED).exists();
    complaints.chain(smuggled.then(|| "a value somebody sent was run as a command".into())).collect()
}
