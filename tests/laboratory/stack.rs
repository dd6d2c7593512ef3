//! Everything at once: carriers, a router with the laboratory's data, and the nodes that ask it.

use std::{sync::OnceLock, thread};

use crate::{
    asterisk::{Node, PLANS},
    carriers,
    router::{PORT, Router},
};

#[derive(Debug)]
pub struct Stack {
    pub nodes: Vec<Node>,
    pub router: Router,
}

/// The one laboratory of this run, started when first asked for.
pub fn stack() -> &'static Stack {
    static STACK: OnceLock<Stack> = OnceLock::new();
    STACK.get_or_init(|| {
        carriers::start();
        thread::scope(|scope| {
            let nodes = PLANS.map(|plan| scope.spawn(move || Node::start(plan)));
            let router = Router::start(PORT);
            let nodes: Vec<Node> =
                nodes.into_iter().map(|node| node.join().expect("every node starts")).collect();
            for node in &nodes {
                eprintln!("laboratory: {} is Asterisk {}", node.plan.name, node.version);
            }
            Stack { nodes, router }
        })
    })
}

/// One of its nodes.
pub fn node(name: &str) -> &'static Node {
    stack().nodes.iter().find(|node| node.plan.name == name).unwrap_or_else(|| panic!("no node {name}"))
}
