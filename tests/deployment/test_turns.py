"""What one node has under way: a few requests, the newest questions."""

import asyncio

from qfl.deployment.turns import AT_ONCE, QUESTIONS, Turns


def test_a_node_has_so_many_requests_under_way_and_others_do_not_wait_for_it():
    async def crowd():
        turns, most, now, end = Turns(), [0], [0], asyncio.Event()

        async def request(client):
            async with turns.request(client):
                now[0] += 1
                most[0] = max(most[0], now[0])
                await end.wait()
                now[0] -= 1

        tasks = [asyncio.create_task(request("1")) for _ in range(400)]
        await asyncio.sleep(0.01)
        assert now[0] == AT_ONCE
        async with asyncio.timeout(1), turns.request("0"):
            end.set()
        await asyncio.gather(*tasks)
        return most[0]

    assert asyncio.run(crowd()) == AT_ONCE


def test_a_newer_question_ends_the_oldest():
    turns = Turns()
    with turns.question("1") as first, turns.question("1") as second, turns.question("0") as other:
        assert QUESTIONS == 2 and not first.over
        with turns.question("1") as third:
            assert first.over and first.news.is_set() and not any(each.over for each in (second, third, other))
        with turns.question("1"):
            assert not second.over  # the third is answered, so there is room


def test_a_node_that_is_cut_off_gives_its_turn_back():
    async def cut():
        turns = Turns()

        async def forever():
            async with turns.request("1"):
                await asyncio.sleep(60)

        tasks = [asyncio.create_task(forever()) for _ in range(AT_ONCE)]
        await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        async with asyncio.timeout(1), turns.request("1"):
            return True

    assert asyncio.run(cut())
