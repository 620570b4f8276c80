"""The optimizer that an experiment asks for."""

import keras

from kerasinst.experiment.training import TrainingSection


def create_optimizer(
    training: TrainingSection, steps_of_an_epoch: int, *, frozen: bool = False, adjustable: bool = False
) -> keras.optimizers.Optimizer:
    """Makes the optimizer with its schedule, weight decay, clipping and moving average.

    Args:
        training: section of the experiment that says how to train.
        steps_of_an_epoch: number of batches in an epoch.
        frozen: whether the optimizer is for the first epochs, in which loaded weights are frozen; these have a learning
            rate and a schedule of their own, without warm-up.
        adjustable: whether `adjust` may change the learning rate and the length of the schedule later.

    Example:
        >>> create_optimizer(TrainingSection(schedule="cosine", warmup_epochs=1), 20).learning_rate      # step 0 of 600
        0.0

    Source: Loshchilov and Hutter, SGDR, ICLR 2017 (cosine) and Decoupled Weight Decay Regularization, ICLR 2019
        (AdamW).
    """
    pretrain = training.pretrain
    frozen_epochs = pretrain.frozen_epochs if pretrain else 0
    epochs = frozen_epochs if frozen else training.epochs - frozen_epochs
    frozen_rate = pretrain.frozen_learning_rate if pretrain and frozen else None
    rate = frozen_rate or training.learning_rate
    warmup = 0 if frozen else training.warmup_epochs * steps_of_an_epoch
    if training.schedule == "cosine" or warmup:
        rest = max(1, epochs * steps_of_an_epoch - warmup)
        end = 0.0 if training.schedule == "cosine" else 1.0
        rate = keras.optimizers.schedules.CosineDecay(
            0.0 if warmup else rate, rest, alpha=end, warmup_target=rate if warmup else None, warmup_steps=warmup
        )
        if adjustable:
            rate.initial_learning_rate = keras.Variable(rate.initial_learning_rate, trainable=False)
            rate.decay_steps = keras.Variable(float(rate.decay_steps), trainable=False)
    options = dict(
        learning_rate=rate,
        global_clipnorm=training.clip_norm,
        use_ema=training.average is not None,
        ema_momentum=training.average or 0.99,
    )
    if training.optimizer == "adamw":
        decay = 0.004 if training.weight_decay is None else training.weight_decay
        optimizer = keras.optimizers.AdamW(weight_decay=decay, **options)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        return optimizer
    return keras.optimizers.Adam(**options)


def adjust(optimizer: keras.optimizers.Optimizer, training: TrainingSection, *, steps_of_an_epoch: int) -> None:
    """Sets the learning rate and the length of the schedule of an optimizer that was made adjustable.

    Args:
        optimizer: optimizer that was made with the same schedule.
        training: section of the experiment that gives the learning rate and the number of epochs.
        steps_of_an_epoch: number of batches in an epoch.
    """
    wanted = create_optimizer(training, steps_of_an_epoch)._learning_rate
    if isinstance(wanted, keras.optimizers.schedules.CosineDecay):
        optimizer._learning_rate.initial_learning_rate.assign(wanted.initial_learning_rate)
        optimizer._learning_rate.decay_steps.assign(float(wanted.decay_steps))
    else:
        optimizer.learning_rate = training.learning_rate
