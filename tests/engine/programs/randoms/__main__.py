"""One of several kinds of random values."""

import pulumi
import pulumi_random as random

length = pulumi.Config().get_int("length") or 12
password = random.RandomPassword("password", length=length, special=False, min_numeric=3)
identifier = random.RandomId("identifier", byte_length=4, prefix="x-")
shuffled = random.RandomShuffle("shuffled", inputs=["a", "b", "c"], result_count=2)
pulumi.export("password", password.result)
pulumi.export("identifier", identifier.hex)
pulumi.export("bytes", identifier.byte_length)
pulumi.export("shuffled", shuffled.results)
