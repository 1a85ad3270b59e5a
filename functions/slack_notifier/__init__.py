"""The function that puts what a topic says into a Slack channel.

`handler` is what Lambda calls, `messages` turns a notification into Slack's form, `delivery` brings it there.
"""
