"""What the page says of how sure the winner of a search is."""

import pandas as pd

from kerasinst.reporting.search_noise import noise

BOARD = pd.DataFrame(
    {
        "trial_id": [2, 0, 1],
        "status": "COMPLETED",
        "score": [0.9, 0.8, 0.5],
        "p_value": [1.0, 0.21, 0.0004],
        "within_noise": [True, True, False],
    }
)


def test_the_winner_is_compared_with_the_runner_up_the_experiment_and_classical_models():
    said = noise(BOARD, "1")
    assert said == (
        "A paired test on the validation segments tells the best trial apart from the experiment as it is written "
        "(p < 0.001), but does not tell it apart from the runner-up, trial 0 (p = 0.210). 1 other trial is within "
        "noise of the best."
    )
    svm = {"trial_id": "svm_rbf", "status": "BASELINE", "score": 0.95, "p_value": 0.3, "within_noise": True}
    said = noise(pd.concat([pd.DataFrame([svm]), BOARD], ignore_index=True), "0")
    assert said.startswith(
        "A paired test on the validation segments does not tell the best trial apart from the runner-up"
    )
    assert "the best classical model, svm_rbf with 0.950 (p = 0.300)" in said


def test_trials_that_were_not_compared_say_nothing():
    assert noise(BOARD.drop(columns=["p_value", "within_noise"]), "1") == ""
    assert noise(BOARD.head(1), None) == ""
