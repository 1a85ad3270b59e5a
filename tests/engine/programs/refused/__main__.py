"""Makes a string that no rule and no limit allows to be so short."""

import pulumi_random as random

random.RandomString("short", length=0)
