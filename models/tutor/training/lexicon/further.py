"""Real words that only training sees, in place of some invented ones: they show what names, nouns, verbs and adjectives
look like, and the held-out words stay unseen. All of them inflect as their spelling says. A word that one of the other
lists has is left out (see `lookup`)."""

NAMES = """
    Ada Adele Agatha Agnes Alan Albert Alejandro Alfred Alison Alma Alvin Amanda Amelia Amir Ana Anders Andrea Andrew
    Angela Ann Anne Anthony Antonia Anton Archie Arnold Arthur Ashley Audrey August Ava Barbara Barnaby Barry Beatrice
    Belinda Benedict Benjamin Bernard Bert Bertha Beth Betty Blanca Bob Bogdan Bonnie Brenda Brian Bruce Bryan Byron
    Caleb Calvin Carl Carla Caroline Catherine Cecilia Charles Charlotte Christian Christine Christopher Claire
    Clarence Claude Claudia Clement Clifford Clive Colin Connor Cora Craig Cynthia Cyril Dagmar Damian Daphne Darren
    Deborah Delia Derek Desmond Dominic Donald Donna Doris Douglas Duncan Dylan Eamon Edgar Edmund Edward Eileen
    Elaine Eleanor Elias Elijah Elisa Elizabeth Ellen Ellis Elsa Emil Emily Eric Ernest Esther Ethan Eugene Evelyn
    Fabian Faith Fernando Finn Florence Francis Freda Frederick Gabriel Gavin Gemma Geoffrey Gerald Gerard Gilbert
    Giles Gina Glenn Godfrey Gordon Graham Gregory Gustav Guy Hamish Hannes Harold Harvey Hazel Heather Hector Henrik
    Henry Herbert Hilda Holly Horace Hubert Hugh Hugo Imogen Inga Isaac Ismail Ivy Jacob Jan Janet Jasmine Jason
    Jeffrey Jennifer Jenny Jeremy Jesse Jessica Joan Joanna Joel Jonathan Joseph Joshua Josephine Judith Julian Justin
    Kamil Karen Kasper Katherine Keith Kenneth Kirsten Klara Klaus Konrad Kristina Kurt Lambert Lance Larissa Laurence
    Lea Lena Leonie Leroy Leslie Lewis Liam Lidia Lionel Lloyd Lorenzo Lucas Luke Lydia Lynn Magda Magnus Malcolm
    Manfred Manuel Marcus Margaret Marianne Marina Mario Marion Marjorie Marlene Martha Mason Matilda Matthew Maud
    Maurice Maxine Melanie Melvin Michelle Mildred Milo Miranda Miriam Moira Molly Monica Morgan Morris Moses Muriel
    Myra Nathan Neil Nelly Neville Nicholas Nicole Noah Noel Norbert Norma Norman Oswald Otis Otto Pamela Patricia
    Patrick Pauline Penelope Percy Philippa Phoebe Phyllis Ralph Ramon Randolph Raymond Regina Reginald Rene Renata
    Reuben Rex Richard Rita Robin Rodney Roland Ronald Rory Rosalind Ross Rowan Roy Rupert Russell Sabine Sally
    Samantha Sandra Saul Sebastian Selma Sheila Shirley Sidney Sigrid Silvia Solomon Sonia Sophie Spencer Stanley
    Stephen Stuart Sven Sybil Sylvester Tabitha Tatiana Terence Thelma Theodore Theresa Thomas Tilda Timothy Toby
    Travis Tristan Ulrike Valentin Vanessa Vernon Veronica Vincent Virginia Vivian Vladimir Wallace Warren Wilbur
    Wilfred Wilhelm Willem William Winifred Winston Wolfgang Yolanda Yves Zelda Zuzana Aberdeen Adelaide Ankara
    Antwerp Auckland Baltimore Bangkok Basel Belfast Belgrade Bergen Birmingham Bologna Bordeaux Bremen Brighton
    Bristol Calcutta Cambridge Canberra Cardiff Cologne Cork Dallas Damascus Denver Detroit Dresden Durban Exeter
    Frankfurt Genoa Ghent Glasgow Gothenburg Granada Graz Hannover Houston Innsbruck Jakarta Kingston Leeds Leicester
    Leipzig Liverpool Ljubljana Lyon Malmo Manila Marseille Melbourne Miami Minsk Montreal Mumbai Nantes Newcastle
    Norwich Nottingham Oxford Palermo Perth Philadelphia Porto Quebec Reykjavik Riga Rotterdam Salzburg Santiago
    Sarajevo Sheffield Singapore Southampton Stuttgart Tallinn Tbilisi Toulouse Trieste Turin Utrecht Vancouver Verona
    Vilnius Wellington Winchester Zurich
"""

NOUNS = """
    accident adviser agent ambassador ankle apartment apprentice arch archer aquarium attendant auditor babysitter
    banker banner barber barrister basin bathtub beacon beak beam beard beast beggar bench bishop blackboard blade
    boarder bodyguard bolt bonnet booklet bough bouquet bowler brick bride briefcase bubble bulb bumper burglar bush
    butler cage camper canal cannon canoe caravan caretaker carriage cashier caterpillar cathedral cave champion
    chapel charity chef chestnut chimney cigar circus clerk cliff clown club cobbler cockpit collar comedian commander
    companion composer conductor conqueror convict cork corkscrew cot counsellor courier cowboy cradle crane crate
    creature creditor cricketer critic crown crutch cube curator cyclist dagger daisy dealer debt decorator desert
    device diagram diamond diplomat ditch diver donor doorbell dormitory dragon drain drill drummer dryer duchess duke
    dungeon dustbin dwarf earthquake economist elbow elder electrode elevator elm emperor employee employer enemy
    engraver envoy escalator estate explorer fairy falcon fan farmhouse feather fellow fence fiddle file finger
    fireplace fireworker fist flagpole flame flask footballer footpath foreigner fountain friar fuse galaxy gangster
    general ghost giant glider goalkeeper goblet governor grave grill grocer guardian gymnast hairdryer hallway
    handbag handkerchief hatchet hawk heater hedge herald hermit hill historian hostel hurdle hurricane icon idol
    igloo inn inventor invoice jail jeweller jockey joker jungle juror kiosk knight knot labourer lady lagoon landlady
    landlord lane lance lawn lecturer lever lid lifeguard linguist liquid lobby lobster locksmith locomotive locker
    lodge lodger log logo lord lover lump machine magician magnate maid maiden mall manuscript maple marble marquee
    marshal mascot mast master mattress meadow medal mermaid merchant messenger miller miner miracle monk monster
    monument moth motorist motorway moustache mule murderer muscle mystery native navigator necktie needle nest
    nickname niche nightmare novelist nun nursery oak operator orchard orchestra orphan paddle padlock palm pamphlet
    panel panther paragraph paramedic parachute partridge pathway patrol pavement peacock pebble pedestrian pelican
    pensioner petal pharmacist pheasant philosopher physician pianist pier pigment pilgrim pill pillar pin pirate pit
    plank planet plaster platform plot pocket podium politician pond pony porch porter portrait potter priest prison
    prisoner prophet puddle puzzle quarry raft railway ram rancher ranger ray rebel rector recruit referee refugee
    reptile rescuer resident rider rival road robber robin robot rocket rod roof rooster rower ruin saddle saint
    salesgirl sandpit satellite saucepan saucer scarecrow scholar schoolboy schoolgirl scout scroll sculptor seagull
    seat senator sergeant servant shepherd sheriff shield shrine shutter sink skeleton ski skier skull slave sledge
    sleeve slogan snail soloist spade spaniel sparrow spear specialist spectator sphere spire sponsor spotlight spring
    squad stage stall staircase starling statue steward stewardess stove stream stretcher submarine suitor sultan
    supervisor surfer surveyor sword symbol tank target tattoo tavern teapot technician tenant terrace territory thorn
    throne thug tile toaster tomb toolbox trader traitor trap treasure tree trench tribe trophy tug turret tutor twin
    typist typewriter tyrant umpire undertaker undergraduate usher valley vampire vault veteran viewer villager
    villain vine violinist viper visa wagon wallpaper warehouse warrior wasp watchmaker weaver whip wig wing witness
    wizard woodpecker wreath
"""

VERBS = """
    absorb accuse ache acquire adapt address adjust advertise afford amaze analyse announce annoy anticipate appoint
    appreciate approach approve assemble assess assist assume attach attack attempt balance ban bathe betray bless
    board boast bore bounce brake breathe bribe bump burgle calculate capture carve cease challenge cheat cheer chew
    choke chop circulate civilise claim clap collapse collide combine command compare compete compose concentrate
    conclude conduct confuse congratulate conquer consider construct consult consume contain contribute converse
    convince coordinate crack crash crawl criticise crush damage dare decay deceive declare decline defend delay
    delight demand deny depart deposit deserve detect develop dine direct disappear discourage dislike dismiss
    dissolve dive donate double doubt drain drift drown dust ease educate eliminate emerge employ enclose endure envy
    erase escape establish estimate evaluate evaporate exaggerate exchange excite excuse execute exist expand expect
    explode explore export expose express extend fade fancy fasten fetch filter fire flash float flood flow fool force
    frame frighten frown function gamble gather gaze generate glance glow glue govern grab grate graze groan guarantee
    guess handle harm harvest hasten hatch heal hesitate hover identify illustrate imitate impress include increase
    indicate infect influence inform injure inspire install insult insure interrupt introduce invade investigate
    irritate isolate itch jail joke juggle knot lace launch lean lecture lick limit load loan manage manufacture march
    massage melt memorise mention mind mine moan motivate mourn multiply murder murmur negotiate nest nod note object
    oblige observe obtain offend operate oppose orbit overlook owe part participate paste pause peck peel peep perform
    persuade pester pick pinch plead plug point poke pollute possess postpone pray preach predict preserve press
    pretend prevent prick prod produce promote pronounce propose protest punch puncture purchase pursue puzzle qualify
    queue radiate raise realise recommend recover recruit reduce reflect refresh regulate rehearse reject rejoice
    relate release rely remind remove repeat represent request require resist resolve respect respond retire reveal
    reverse revise revive reward rinse risk rob roast roll rotate row ruin rush sack salute satisfy scatter scold
    scorch scrape scratch scream scribble screw scrub separate settle shade shave shelter shiver shock shrug sigh sign
    sip ski skip slap slice smash snatch sniff soak sob soothe sort sound spare spark sparkle speculate splash spoil
    spot spray sprout squeak squeal squeeze stain stare steer step stimulate stir stitch stoop store strap strengthen
    stretch strip stroke struggle substitute succeed suck suffer suppose surround suspect suspend swallow switch
    tackle tempt terrify thaw threaten tick tickle tip tire tolerate tour tow trace trade transform trap treat tremble
    trick trot trouble tug tumble turn twist type undress unite unlock unpack update urge vanish violate vote wail
    wander waste whisper wink wipe wish wonder wrap wreck wriggle yell zoom
"""

ADJECTIVES = """
    bald bitter blank bleak blind blunt bold bony bossy bouncy bulky bumpy chilly chubby clumsy coarse cosy crude
    cruel curly cute damp dear dense dizzy dull faint fair fancy fierce fine firm fluffy foggy frail frosty furry
    fussy gentle giddy glad gloomy grand grave grim grubby grumpy guilty hairy handy harsh hasty hefty hoarse humble
    icy itchy jolly lame lean leafy lively lumpy mad mean mighty moody muddy nasty naughty noble odd pale perky petty
    plump poorly posh prickly quaint quick ripe risky roomy rosy rusty sandy scruffy shabby shaky shallow skinny slack
    sleek slender slick slim slimy slippery sly smelly smoky snowy soapy sober sore sour spare speedy spiky spotty
    stale stark steady sticky stiff stormy stout straight strict stuffy sturdy subtle swift tart tender thorny tight
    trendy tricky trusty vast wary watery weary weird wild witty woolly worthy adorable adventurous affordable
    aggressive anxious appealing artificial astonishing athletic authentic automatic available aggravating barbaric
    believable capable cautious charitable chemical civilised classical commercial competitive complicated considerate
    controversial corrosive courageous critical decisive decorative defensive delightful demanding dependable
    desperate determined disappointed disappointing disastrous disgusting distinctive dramatic durable dynamic
    eccentric economic educated effective emotional enormous enthusiastic excellent exceptional exclusive experienced
    explosive extravagant faithful familiar fantastic favourable fearful fearless flexible forgetful forgiving
    fortunate frightening glamorous glorious graceful grateful gracious gorgeous gullible hazardous historical
    homeless hopeful hopeless horrible humorous hysterical ignorant illegal imaginative immature imperfect impolite
    impossible impulsive incredible indifferent inexpensive infamous influential innocent innovative inquisitive
    insecure intensive invisible irregular joyful logical luxurious magical magnificent marvellous massive memorable
    merciful miraculous miserable mountainous mysterious natural negative noticeable obedient occasional offensive
    official optimistic ordinary outrageous painful painless passionate pathetic peculiar persuasive photogenic
    pitiful playful poisonous political positive precious predictable presentable productive professional profitable
    protective radical rational rebellious recognisable regrettable relevant religious remarkable resourceful
    respectable ridiculous rigorous satisfying sceptical scientific selective sensational sensitive sentimental
    significant skilful sociable specific spectacular spiritual spontaneous stimulating suitable supportive suspicious
    sympathetic systematic tactful talkative tedious terrible terrific thankful theatrical thoughtful thoughtless
    threatening tolerant tremendous tropical truthful typical unbelievable unexpected unfamiliar unfortunate universal
    unpopular unreliable vigorous visible vulnerable watchful worthless youthful
"""
