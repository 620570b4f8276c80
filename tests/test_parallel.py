"""Results come in order, and only a window of them is worked on ahead."""

from kerasinst.parallel import WINDOW, in_order


def test_results_are_in_order_and_work_waits_for_its_consumer(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    begun = []
    results = in_order(lambda item: begun.append(item) or item * item, range(500))
    assert next(results) == 0
    assert len(begun) <= 2 * WINDOW
    assert list(results) == [item * item for item in range(1, 500)]
