//! Everything at once: carriers, a router with the laboratory's data, and the nodes that ask it.

use std::{sync::OnceLock, thread};

use crate::{
    asterisk::{Node, PLANS},
    carriers,
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

/// The one laboratory of this run, started when first asked for.
pub fn stack() -> &'static Stack {
    static STACK: OnceLock<Stack> = OnceLock::new();
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
