"""Passages for the benchmark, written for it, so that prefixes and documents are real text."""

from typing import Final

ENGLISH: Final = """\
I got up early this morning because the heating had stopped again and the kitchen was as cold as \
the street. While the kettle boiled I wrote a short note to the landlord, asking him when somebody \
would come to look at it, and then I wrote a longer one to my sister, who always answers before \
breakfast. She said that the trains were late all week and that she would rather walk to the \
office than stand on the platform in the rain.

"Would you like to come with us on Saturday?" she asked. "We are going to the lake if the weather \
is good, and to the museum if it isn't. The children don't care either way, as long as there is \
cake."

I told her that I would love to, but that I had to finish a report first. The truth is that I \
have been thinking about the report for days without writing a single page of it. Every time I sit \
down, the telephone rings, or the neighbour's dog begins to bark, or I remember that there is \
something I have to buy before the shops close. Perhaps a day by the water is exactly what I need.

Thank you for your message. I am sorry that I could not answer sooner, but we have been very busy \
with the new house. The builders promised to be done by the end of the month, and now they tell us \
that it will take at least three more weeks. Please let me know if you can make it to the meeting \
on Thursday; if not, we can talk about it over the phone. I think that the first plan was better \
than the second one, although nobody else seems to agree with me.

It was almost dark when we reached the village. There was a light in the window of the inn, and \
the smell of fresh bread came out of the door as soon as somebody opened it. We had walked for \
seven hours, and none of us wanted to say anything before we had eaten. The old woman behind the \
counter looked at our boots, shook her head, and put a large pot of soup on the table without a \
word.

"How far is it to the pass?" my brother asked at last.

"Too far for today," she said, "and too far for tomorrow, if the snow comes. You should wait. \
People who wait here are always glad that they did, and the others we never see again."
"""

KOREAN: Final = """\
오늘 아침에는 비가 많이 와서 버스가 늦게 왔어요. 우산을 챙겼는데도 신발이 다 젖어서 하루 종일 \
발이 시렸습니다. 회사에 도착하니까 다들 커피를 마시면서 어제 본 영화 이야기를 하고 있었어요. \
저는 아직 그 영화를 못 봤는데 친구가 정말 재미있다고 해서 주말에 같이 보기로 했습니다.

점심에는 새로 생긴 식당에 갔어요. 음식은 맛있었지만 사람이 너무 많아서 오래 기다려야 했습니다. \
다음에는 조금 일찍 가는 게 좋을 것 같아요. 저녁에는 집에서 쉬면서 책을 읽을 생각이에요. 요즘 \
일이 많아서 그런지 집에 오면 아무것도 하기 싫어요.

안녕하세요, 지난번에 보내 주신 자료는 잘 받았습니다. 답장이 늦어서 죄송합니다. 다음 주 목요일에 \
시간이 괜찮으시면 전화로 이야기하고 싶습니다. 궁금한 점이 있으면 언제든지 말씀해 주세요. \
감사합니다.
"""
