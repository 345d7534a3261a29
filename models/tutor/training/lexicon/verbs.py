"""Verbs: inflections and the kinds of complement each takes.

A line of `VERBS` is `base [past participle] : complements`. Regular verbs give the base only; their other forms come
from `inflect`. A complement is an object class of `nouns` or one of the `PATTERNS`; a verb may have several lines.
"""

VERBS = """
eat ate eaten : food foodU
drink drank drunk : drink
cook : foodU meal
bake : food foodU
taste : foodU
order : food drink
buy bought bought : thing clothes food
sell sold sold : thing clothes vehicle
find found found : thing animal
lose lost lost : thing
bring brought brought : thing food
take took taken : thing photo
carry : thing
keep kept kept : thing animal
break broke broken : thing
repair : thing vehicle
fix : thing vehicle
draw drew drawn : animal building
paint : animal building
choose chose chosen : thing clothes
steal stole stolen : thing
hide hid hidden : thing
borrow : thing readable
collect : thing
use : thing
want : thing clothes
need : thing stuff
like : person music sport
love : person animal music
hate : sport subject
wear wore worn : clothes
wash : clothes hands
iron : clothes
fold : clothes
read read read : readable
write wrote written : readable
send sent sent : readable
receive : readable
translate : readable
finish : readable homework
publish : readable
print : readable
watch : media animal
record : media song
film : animal media
sing sang sung : song
hear heard heard : song
hum : song
play : sport instrument
practise : sport instrument
teach taught taught : subject language
study : subject language
learn learnt learnt : subject language
speak spoke spoken : language
understand understood understood : language
drive drove driven : vehicle
park : vehicle
rent : vehicle building
ride rode ridden : bike
open : openable
close : openable
lock : openable
shut shut shut : openable
pack : openable
build built built : building
clean : room clothes
tidy : room
decorate : room
sweep swept swept : room
leave left left : place
visit : person country place
meet met met : person
help : person
call : person
phone : person
invite : person
thank : person
follow : person
know knew known : person
see saw seen : person animal media
miss : person vehicle
remember : person
forget forgot forgotten : person thing
marry : person
kiss : person
hug : person
interview : person
photograph : person animal
draw drew drawn : person
recognise : person
trust : person
warn : person
greet : person
blame : person
ignore : person
admire : person
surprise : person
visit : person
feed fed fed : animal
catch caught caught : animal vehicle
chase : animal
ride rode ridden : horse
rescue : animal person
adopt : animal
train : animal
tame : animal
ask : idea_question
answer : idea_question
solve : idea_problem
discuss : problem_not_about
explain : idea_problem
describe : person building
plan : event
organise : event
miss : event
attend : event
cancel : event
enjoy : event media
prepare : event foodU
plan : event
enter : room_not_into
reach : place_not_to
go went gone : to_place home
walk : to_place home
run ran run : to_place home
come came come : to_place home
travel : to_country
fly flew flown : to_country
drive drove driven : to_place
move : to_country
cycle : to_place
hurry : to_place
return : to_country
swim swam swum : in_water
sail : in_water
sleep slept slept : in_room
sit sat sat : in_room
stay : at_home in_place
wait : for_person
listen : to_music
look : at_thing
talk : to_person
write wrote written : letter_to
apologise : to_person
laugh : at_joke
think thought thought : about_thing
dream : about_thing
worry : about_thing
complain : about_thing
search : for_thing
ask : for_thing
pay paid paid : for_thing
believe : in_ghosts
belong : to_owner
depend : on_owner
smile : at_person
shout : at_person
wave : to_person_only
agree : with_someone
dance : with_person
argue : with_person
chat : with_person
live : in_country
work : in_country in_place_work
arrive : at_place
study : in_country
dance : -
sing sang sung : -
cry : -
laugh : -
smile : -
sneeze : -
cough : -
shout : -
work : hard_
rest : -
relax : -
exercise : -
jog : -
yawn : -
snore : -
whistle : -
read read read : a_lot
travel : a_lot
give gave given : gift
show showed shown : gift
lend lent lent : gift
send sent sent : gift
offer : gift
hand : gift
pass : gift
do did done : homework
make made made : cake_coffee
have had had : thing animal
grow grew grown : vegetables
cut cut cut : foodU
put put put : thing_on
hold held held : thing
throw threw thrown : ball
kick : ball
catch caught caught : ball
drop : thing
push : vehicle
pull : openable
touch : animal
count : coins
spend spent spent : money
earn : money
save : money
win won won : prize
climb : mountain
cross : street
water : plants
plant : plants
polish : clothes vehicle
test : vehicle
inspect : vehicle room
heat : room foodU
fry : foodU
boil : foodU
mix : foodU
serve : foodU drink
pour : drink
spill : drink
taste : drink
refuse : drink event_invite
accept : event_invite
check : readable
copy : readable
correct : readable
edit : readable
share : readable room
download : media
enjoy : activity
start : activity
stop : activity
try : activity
prefer : activity
avoid : person
punish : person
praise : person
scare : person animal
amuse : person
bother : person
comfort : person
contact : person
disturb : person
dress : person
encourage : person
entertain : person
guard : building
guide : person
obey : person
protect : animal person
support : person
tease : person
welcome : person
hunt : animal
groom : animal
brush : animal hands
weigh : animal
sketch : animal building
design : clothes building
examine : animal thing
label : thing openable
measure : room
move : thing
order : thing
pack : clothes
recycle : thing
replace : thing
return : thing
review : readable
rub : hands
study : animal
sew sewed sewn : clothes
knit : clothes
mend : clothes
tear tore torn : clothes
bite bit bitten : animal_food
hit hit hit : ball
lead led led : person
wake woke woken : person
tell told told : person_story
say said said : hello
admit : mistake
confess : mistake
get got got : only_in_frames
feel felt felt : only_in_frames
notice : mistake thing
""".strip()

# Verbs of state: never used in a continuous tense.
STATIVE = {
    "like", "love", "hate", "want", "need", "know", "understand", "remember", "forget", "believe", "belong", "have",
    "prefer", "trust", "see", "hear", "depend", "recognise", "notice", "miss", "agree", "admire", "taste", "weigh",
    "refuse", "accept", "find", "lose", "drop", "break", "reach", "enter",
}

# Habits: verbs that do not sit well with "every day" or with a frequency adverb.
ONCE = {
    "marry", "find", "lose", "break", "steal", "adopt", "win", "bite", "notice", "admit", "confess", "spill", "tear",
}

# Complements that are more than one noun phrase, written as pieces of frames (see `grammar`). In `to/0/at` the first
# preposition is right and the others are learners' mistakes; `0` stands for no word at all.
PATTERNS: dict[str, str] = {
    "-": "",
    "meal": "{meal}",
    "hands": "{poss} {bodypart}",
    "to_person": "to/at/0 {who}",
    "to_person_only": "to/0 {who}",
    "for_person": "for/0/to {who}",
    "with_person": "with/to/from {who}",
    "with_someone": "with/to {who}",
    "at_person": "at/0 {who}",
    "at_thing": "at/0/to {the:thing}",
    "at_joke": "at/0 {poss} {bare:idea}",
    "about_thing": "about/0 {the:idea}",
    "for_thing": "for/of/at {the:thing}",
    "thing_on": "{the:thing} on/in_on the table",
    "to_music": "to/0/at {U:music}",
    "in_ghosts": "in/on/at ghosts",
    "to_owner": "to/of/0 {who}",
    "on_owner": "on/of/from {who}",
    "instrument": "the/0@article {instrument}",
    "homework": "{poss} homework/homeworks@plural",
    "idea_question": "{the:idea}",
    "idea_problem": "{the:idea}",
    "problem_not_about": "0/about {the:idea}",
    "room_not_into": "0/in/into {the:room}",
    "place_not_to": "0/to/at {the:place}",
    "to_place": "to/at/in {toplace}",
    "home": "0/to/at home",
    "to_country": "to/at/in {country}",
    "in_country": "in/at/on {country}",
    "in_place": "in/on {a:building}",
    "in_place_work": "in/on {a:place}",
    "at_place": "at/to/0 {the:place}",
    "at_home": "at/in_the/on home",
    "in_room": "in/on/at {the:room}",
    "in_water": "in/on {the:water}",
    "hard_": "hard",
    "a_lot": "a/0@article lot",
    "gift": "{who} {a:thing}",
    "mistake": "{a:mistake}",
    "cake_coffee": "{a:cake}",
    "vegetables": "{pls:vegetable}",
    "ball": "{the:ball}",
    "coins": "{num:coin}",
    "prize": "{a:prize}",
    "mountain": "{the:mountain}",
    "street": "the/0@article street",
    "plants": "the/0@article flowers",
    "event_invite": "{the:event}",
    "animal_food": "{the:animal}",
    "person_story": "{who} {a:story}",
    "hello": "hello to/at/0 {who}",
    "bike": "{poss} bike",
    "horse": "{a:horse}",
    "letter_to": "{a:letter} to/at {who}",
    "money": "{quantity} money/moneys@plural",
}
