"""Counts events with panoramisk: prints how many, and the seconds from the first to the last."""

import asyncio
import logging
import sys
import time

from panoramisk import Manager

logging.disable(logging.CRITICAL)
seen = first = last = 0


async def main():
    global seen, first, last
    over = asyncio.Event()
    manager = Manager(host="127.0.0.1", port=int(sys.argv[1]), username="u", secret="s", ping_delay=1000)

    def event(_, message):
        global seen, first, last
        seen += 1
        last = time.perf_counter()
        first = first or last
        if message.get("UserEvent") == "LastOne":
            over.set()

    manager.register_event("*", event)
    await manager.connect()
    try:
        await asyncio.wait_for(over.wait(), 120)
    except asyncio.TimeoutError:
        pass
    print(seen, last - first, flush=True)


asyncio.run(main())
